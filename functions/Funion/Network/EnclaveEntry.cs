namespace Funion.Network;

/// <summary>What the document says of a model in enclave mode. Questions and answers are sealed bytes, and travel as those of another model of the network do.</summary>
/// <param name="Model">The model that takes sealed questions, of one input and one output of bytes.</param>
/// <param name="Architecture">Shapes and scales, never weights: what an input is encoded by.</param>
/// <param name="Attestation">The enclave's identity with evidence for it, as a file that is verified offline.</param>
public sealed record EnclaveEntry(string Model, byte[] Architecture, byte[] Attestation)
{
    /// <summary>Most bytes of an architecture, and of a file of evidence.</summary>
    public const int MaxSize = 1 << 16;

    /// <summary>What whoever asks a hidden model plainly is told; nothing is sent then.</summary>
    public static string OnlyAsked(string model) => $"The model '{model}' is only asked with --mode enclave: its owner hides it from whoever runs it.";
}
