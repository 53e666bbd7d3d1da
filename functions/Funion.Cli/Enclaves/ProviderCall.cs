using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Cli.Enclaves;

/// <summary>What a provider does with its enclave's folder: errors become sentences.</summary>
static class ProviderCall
{
    public static int Run(Output output, bool simulator, Func<string, int> act)
    {
        if (!simulator)
        {
            return output.Error(ExitCode.Usage, "Only the simulated enclave can be started here, and it protects nothing.", "for a trial on one machine: --insecure-simulator");
        }
        if (EnclaveProgram.Find(null) is not { } program)
        {
            return output.Error(ExitCode.Failed, "The program Funion.Enclave is not there.", "build it: dotnet build functions/Funion.Enclave -c Release");
        }
        try
        {
            return act(program);
        }
        catch (EnclaveInUseException error)
        {
            return output.Error(ExitCode.Failed, error.Message, EnclaveInUseException.Hint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return output.Error(ExitCode.Failed, error.Message);
        }
    }
}
