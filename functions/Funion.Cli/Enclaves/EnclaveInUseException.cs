namespace Funion.Cli.Enclaves;

/// <summary>An enclave has one process at a time, and another one has it.</summary>
/// <param name="folder">The enclave's.</param>
sealed class EnclaveInUseException(string folder) : InvalidOperationException($"Another process has the enclave of {folder}.")
{
    /// <summary>What to do.</summary>
    public const string Hint = "stop the `funion up` that offers its models first, and start it again afterwards";
}
