using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// The lattice key of one question: z, drawn when the question is taken and again after every restart, and never kept. What an owner finds of its model's s by
/// questions of its own opens nothing that is under another's z.
/// </summary>
sealed class QuestionKey(HiddenParameters parameters) : IDisposable
{
    readonly SecretPolynomial _secret = SecretPolynomial.Draw(parameters);

    /// <summary>z, transformed.</summary>
    public ReadOnlySpan<double> Secret => _secret.Value;

    /// <summary>Encrypts the input of a layer.</summary>
    /// <param name="layout">The layer.</param>
    /// <param name="input">In the clear.</param>
    /// <param name="request">Room for <see cref="HiddenLayout.RequestSize"/> bytes.</param>
    /// <param name="check">What the answer will be held to.</param>
    public void Encrypt(HiddenLayout layout, RingTensor input, Span<byte> request, AnswerCheck check)
    {
        ResidueRing ring = parameters.Ring;
        Span<byte> seed = request[..HiddenParameters.SeedSize];
        RandomNumberGenerator.Fill(seed);
        using LatticeScratch words = new(ring.Degree), mask = new(ring.Length), sum = new(ring.Length);
        Span<double> a = MemoryMarshal.Cast<ulong, double>(mask.Words), b = MemoryMarshal.Cast<ulong, double>(sum.Words);
        for (int i = 0; i < layout.Ciphertexts; i++)
        {
            layout.Encode(input.Elements, i / layout.ChannelBlocks, i % layout.ChannelBlocks, 0, words.Words);
            ExactLayers.Sign(parameters.Plain, words.Words);
            _secret.Encrypt(words.Words, seed, MaskKind.EnclaveRequest, (uint)i, a, b);
            ring.Write(b, request.Slice(HiddenParameters.SeedSize + (i * ring.ByteSize), ring.ByteSize));
            check.Ask(i, b, a);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();
}
