using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;

namespace Funion.Enclave;

/// <summary>A secret of the lattice, uniform in {−1, 0, 1}, transformed; and what is encrypted under it. Wiped with this.</summary>
sealed class SecretPolynomial : IDisposable
{
    readonly HiddenParameters _parameters;
    readonly double[] _value, _negated;

    SecretPolynomial(HiddenParameters parameters, ReadOnlySpan<ulong> words)
    {
        _parameters = parameters;
        _value = GC.AllocateArray<double>(parameters.Ring.Length, pinned: true);
        _negated = GC.AllocateArray<double>(parameters.Ring.Length, pinned: true);
        parameters.Ring.Spread(words, _value);
        parameters.Ring.Forward(_value);
        for (int i = 0; i < _value.Length; i++)
        {
            _negated[i] = -_value[i];
        }
    }

    /// <summary>Transformed.</summary>
    public ReadOnlySpan<double> Value => _value;

    /// <summary>That of a seed.</summary>
    public static SecretPolynomial Of(HiddenParameters parameters, ReadOnlySpan<byte> seed)
    {
        using LatticeScratch words = new(parameters.Ring.Degree);
        LatticeSampling.Ternary(seed, words.Words);
        return new SecretPolynomial(parameters, words.Words);
    }

    /// <summary>A fresh one.</summary>
    public static SecretPolynomial Draw(HiddenParameters parameters)
    {
        using LatticeScratch words = new(parameters.Ring.Degree);
        LatticeSampling.Ternary(words.Words);
        return new SecretPolynomial(parameters, words.Words);
    }

    /// <summary>b = t·e + m − a·s, transformed; and a, from its seed.</summary>
    public void Encrypt(ReadOnlySpan<ulong> message, ReadOnlySpan<byte> seed, MaskKind kind, uint index, Span<double> a, Span<double> b)
    {
        ResidueRing ring = _parameters.Ring;
        using LatticeScratch noise = new(ring.Degree), coins = new(ring.Degree);
        noise.Words.Clear();
        LatticeSampling.AddNoise(noise.Words, HiddenParameters.NoisePairs, coins.Words);
        ring.Spread(message, noise.Words, _parameters.Plain.Bits, b);
        ring.Forward(b);
        ring.Expand(seed, kind, index, a);
        ring.MultiplyAdd(a, _negated, b);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_value.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_negated.AsSpan()));
    }
}
