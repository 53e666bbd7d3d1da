using Funion.Cli.Console;
using Funion.Private.Attestation;

namespace Funion.Cli.Enclaves;

/// <summary>The file that <c>--trust</c> names.</summary>
static class AttestationTrustFile
{
    /// <summary>What it says, null without one; false when an error was printed.</summary>
    public static bool Load(Output output, string? path, out AttestationTrust? trust)
    {
        trust = null;
        if (path is null)
        {
            return true;
        }
        string problem;
        try
        {
            trust = AttestationTrust.TryParse(NamedFile.Read(path), out problem);
        }
        catch (IOException error)
        {
            output.Error(ExitCode.Failed, error.Message);
            return false;
        }
        if (trust is null)
        {
            output.Error(ExitCode.Failed, $"The file of --trust cannot be used: {problem}.", "the README shows one");
        }
        return trust is not null;
    }
}
