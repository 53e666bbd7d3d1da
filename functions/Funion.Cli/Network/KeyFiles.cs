using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>What went wrong with a key file, for people.</summary>
static class KeyFiles
{
    public static int Error(Output output, string file, KeyFileOutcome outcome) => outcome switch
    {
        KeyFileOutcome.Missing => output.Error(ExitCode.Failed, $"{file} cannot be read.", "make a key: funion network key FILE"),
        KeyFileOutcome.TooOpen => output.Error(ExitCode.Failed, $"{file} can be read by others than its owner.", $"chmod 600 {file}"),
        _ => output.Error(ExitCode.Failed, $"{file} is damaged or holds other keys."),
    };
}
