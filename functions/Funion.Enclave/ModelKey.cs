using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// The lattice key of one model: s, and what it does. A key for each model, so that weights which one owner encrypted are noise under every other model's key; the
/// policy is fixed before the key is drawn, and the quote names both.
/// </summary>
sealed class ModelKey : IDisposable
{
    readonly HiddenParameters _parameters;
    readonly double[] _secret, _negated;

    /// <summary>The key of a seed.</summary>
    public ModelKey(HiddenParameters parameters, ReadOnlySpan<byte> seed)
    {
        _parameters = parameters;
        _secret = GC.AllocateArray<double>(parameters.Ring.Length, pinned: true);
        _negated = GC.AllocateArray<double>(parameters.Ring.Length, pinned: true);
        using LatticeScratch words = new(parameters.Ring.Degree);
        LatticeSampling.Ternary(seed, words.Words);
        parameters.Ring.Spread(words.Words, _secret);
        parameters.Ring.Forward(_secret);
        for (int i = 0; i < _secret.Length; i++)
        {
            _negated[i] = -_secret[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_secret.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_negated.AsSpan()));
    }

    /// <summary>A public key: another one every time, all good for the same s.</summary>
    public byte[] PublicKey()
    {
        byte[] key = new byte[_parameters.PublicKeySize];
        RandomNumberGenerator.Fill(key.AsSpan(0, HiddenParameters.SeedSize));
        using LatticeScratch zero = new(_parameters.Ring.Degree), mask = new(_parameters.Ring.Length), sum = new(_parameters.Ring.Length);
        zero.Words.Clear();
        Span<double> a = MemoryMarshal.Cast<ulong, double>(mask.Words), b = MemoryMarshal.Cast<ulong, double>(sum.Words);
        Encrypt(zero.Words, key.AsSpan(0, HiddenParameters.SeedSize), MaskKind.EnclaveKey, 0, a, b);
        _parameters.Ring.Write(b, key.AsSpan(HiddenParameters.SeedSize));
        return key;
    }

    /// <summary>Encrypts the input of a layer.</summary>
    /// <param name="layout">The layer.</param>
    /// <param name="input">In the clear.</param>
    /// <param name="request">Room for <see cref="HiddenLayout.RequestSize"/> bytes.</param>
    /// <param name="check">What the answer will be held to.</param>
    public void Encrypt(HiddenLayout layout, RingTensor input, Span<byte> request, AnswerCheck check)
    {
        ResidueRing ring = _parameters.Ring;
        Span<byte> seed = request[..HiddenParameters.SeedSize];
        RandomNumberGenerator.Fill(seed);
        using LatticeScratch words = new(ring.Degree), mask = new(ring.Length), sum = new(ring.Length);
        Span<double> a = MemoryMarshal.Cast<ulong, double>(mask.Words), b = MemoryMarshal.Cast<ulong, double>(sum.Words);
        int unused = 64 - _parameters.Plain.Bits;
        for (int i = 0; i < layout.Ciphertexts; i++)
        {
            layout.Encode(input.Elements, i / layout.ChannelBlocks, i % layout.ChannelBlocks, 0, words.Words);
            foreach (ref ulong word in words.Words)
            {
                // The signed representative, without a branch.
                word = unchecked((ulong)((long)(word << unused) >> unused));
            }
            Encrypt(words.Words, seed, MaskKind.EnclaveRequest, (uint)i, a, b);
            ring.Write(b, request.Slice(HiddenParameters.SeedSize + (i * ring.ByteSize), ring.ByteSize));
            check.Ask(i, b, a);
        }
    }

    /// <summary>Reads the answer of a layer: W·x mod 2^l. Null when it is not that product of the weights and what was asked.</summary>
    public RingTensor? TryDecrypt(HiddenLayout layout, ReadOnlySpan<byte> answer, AnswerCheck check)
    {
        if (answer.Length != layout.AnswerSize)
        {
            return null;
        }
        ResidueRing ring = _parameters.Ring;
        RingTensor output = new(_parameters.Plain, layout.Shape.Output);
        using LatticeScratch words = new(ring.Degree), scratch = new(HiddenLayout.Components * ring.Length);
        Span<double> parts = MemoryMarshal.Cast<ulong, double>(scratch.Words);
        Span<double> first = parts[..ring.Length], second = parts.Slice(ring.Length, ring.Length), third = parts[(2 * ring.Length)..];
        bool sound = true;
        for (int i = 0; i < layout.Answers && sound; i++)
        {
            ReadOnlySpan<byte> part = answer.Slice(i * layout.AnswerPartSize, layout.AnswerPartSize);
            sound = ring.TryRead(part[..ring.ByteSize], first) && ring.TryRead(part.Slice(ring.ByteSize, ring.ByteSize), second)
                && ring.TryRead(part[(2 * ring.ByteSize)..], third);
            if (sound)
            {
                check.Take(i, first, second, third);
                ring.MultiplyAdd(third, _secret, second);
                ring.MultiplyAdd(second, _secret, first);
                ring.Back(first);
                ring.Lift(first, words.Words);
                layout.Gather(words.Words, i / layout.FilterBlocks, i % layout.FilterBlocks, _parameters.Plain.Mask, output.Elements);
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

    /// <summary>b = t·e + m − a·s, transformed; and a, from its seed.</summary>
    void Encrypt(Span<ulong> message, ReadOnlySpan<byte> seed, MaskKind kind, uint index, Span<double> a, Span<double> b)
    {
        ResidueRing ring = _parameters.Ring;
        using LatticeScratch noise = new(ring.Degree), coins = new(ring.Degree);
        noise.Words.Clear();
        LatticeSampling.AddNoise(noise.Words, HiddenParameters.NoisePairs, coins.Words);
        for (int i = 0; i < message.Length; i++)
        {
            message[i] = unchecked(message[i] + (noise.Words[i] << _parameters.Plain.Bits));
        }
        ring.Spread(message, b);
        ring.Forward(b);
        ring.Expand(seed, kind, index, a);
        ring.MultiplyAdd(a, _negated, b);
    }
}
