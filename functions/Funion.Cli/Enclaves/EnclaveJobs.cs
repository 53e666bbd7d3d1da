namespace Funion.Cli.Enclaves;

/// <summary>Tensors of bytes that jobs of an enclave's model carry: a sealed question for a sealed answer, or a nonce for evidence.</summary>
static class EnclaveJobs
{
    public const string Question = "question", Answer = "answer", Nonce = "nonce", Evidence = "evidence";

    /// <summary>One byte of <see cref="Funion.Private.Enclaves.EnclaveRefusal"/>, in place of an answer.</summary>
    public const string Refusal = "refusal";
}
