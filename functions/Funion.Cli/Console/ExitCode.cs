namespace Funion.Cli.Console;

/// <summary>What the tool's process returns.</summary>
enum ExitCode
{
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NoSuchModel = 3,
    TimedOut = 4,
    NetworkUnreachable = 5,
    VerificationFailed = 6,
    Interrupted = 130,
}
