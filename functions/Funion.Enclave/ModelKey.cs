using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// The lattice key of one model: s, under which its weights are encrypted and nothing else. A key for each model, so that weights which one owner encrypted are noise under
/// every other model's key; the policy is fixed before the key is drawn, and the quote names both.
/// </summary>
sealed class ModelKey(HiddenParameters parameters, ReadOnlySpan<byte> seed) : IDisposable
{
    readonly SecretPolynomial _secret = SecretPolynomial.Of(parameters, seed);

    /// <summary>The parameters.</summary>
    public HiddenParameters Parameters => parameters;

    /// <summary>s, transformed.</summary>
    public ReadOnlySpan<double> Secret => _secret.Value;

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    /// <summary>A public key: another one every time, all good for the same s.</summary>
    public byte[] PublicKey()
    {
        byte[] key = new byte[parameters.PublicKeySize];
        RandomNumberGenerator.Fill(key.AsSpan(0, HiddenParameters.SeedSize));
        using LatticeScratch zero = new(parameters.Ring.Degree), mask = new(parameters.Ring.Length), sum = new(parameters.Ring.Length);
        zero.Words.Clear();
        Span<double> a = MemoryMarshal.Cast<ulong, double>(mask.Words), b = MemoryMarshal.Cast<ulong, double>(sum.Words);
        _secret.Encrypt(zero.Words, key.AsSpan(0, HiddenParameters.SeedSize), MaskKind.EnclaveKey, 0, a, b);
        parameters.Ring.Write(b, key.AsSpan(HiddenParameters.SeedSize));
        return key;
    }

    /// <summary>Reads the answer of a layer: W·x mod 2^l. Null when it is not that product of the weights and what was asked.</summary>
    public RingTensor? TryDecrypt(HiddenLayout layout, QuestionKey question, ReadOnlySpan<byte> answer, AnswerCheck check)
    {
        if (answer.Length != layout.AnswerSize)
        {
            return null;
        }
        ResidueRing ring = parameters.Ring;
        RingTensor output = new(parameters.Plain, layout.Shape.Output);
        using LatticeScratch words = new(ring.Degree), scratch = new(HiddenLayout.Components * ring.Length);
        Span<double> parts = MemoryMarshal.Cast<ulong, double>(scratch.Words);
        bool sound = true;
        for (int i = 0; i < layout.Answers && sound; i++)
        {
            ReadOnlySpan<byte> part = answer.Slice(i * layout.AnswerPartSize, layout.AnswerPartSize);
            for (int component = 0; component < HiddenLayout.Components; component++)
            {
                sound &= ring.TryRead(part.Slice(component * ring.ByteSize, ring.ByteSize), parts.Slice(component * ring.Length, ring.Length));
            }
            if (sound)
            {
                check.Take(i, parts);
                Open(question, parts);
                ring.Lift(parts[..ring.Length], words.Words);
                layout.Gather(words.Words, i / layout.FilterBlocks, i % layout.FilterBlocks, parameters.Plain.Mask, output.Elements);
            }
        }
        // Nothing of an answer that was tampered with is ever looked at.
        if (sound && check.Holds())
        {
            return output;
        }
        output.Dispose();
        return null;
    }

    /// <summary>(c₀ + c₁·s) + (c₂ + c₃·s)·z in place of c₀, as coefficients.</summary>
    public void Open(QuestionKey question, Span<double> parts)
    {
        parameters.Ring.Fold(parts, _secret.Value, question.Secret);
        parameters.Ring.Back(parts[..parameters.Ring.Length]);
    }
}
