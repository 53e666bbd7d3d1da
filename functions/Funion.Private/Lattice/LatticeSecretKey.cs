using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// A client's key for one session: a ternary s. Encryption is symmetric, b = −a·s + e + Δ·m; the public key is such an encryption of zero, and the server
/// uses it to hide its weights. Make one for every session: two sessions under one key belong together.
/// </summary>
public sealed class LatticeSecretKey : IDisposable
{
    /// <summary>Ciphertexts done together, so that they share loads.</summary>
    const int Batch = 4;

    readonly ulong[] _doubled;
    bool _wiped;

    LatticeSecretKey(LatticeParameters parameters)
    {
        Parameters = parameters;
        _doubled = GC.AllocateArray<ulong>(2 * parameters.Degree, pinned: true);
        using LatticeScratch secret = new(parameters.Degree);
        LatticeSampling.Ternary(secret.Words);
        Negacyclic.Double(secret.Words, _doubled);
        PublicKey = new byte[parameters.PublicKeySize];
        using LatticeScratch zero = new(parameters.Degree);
        zero.Words.Clear();
        Encrypt(zero.Words, MaskKind.PublicKey, PublicKey);
    }

    /// <summary>The parameters.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>What the server is sent once: a seed and an encryption of zero.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Draws a key.</summary>
    public static LatticeSecretKey Create(LatticeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new LatticeSecretKey(parameters);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _wiped = true;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_doubled.AsSpan()));
    }

    /// <summary>Encrypts polynomials that are scaled already: a fresh seed, then every b.</summary>
    internal void Encrypt(Span<ulong> polynomials, MaskKind kind, Span<byte> message)
    {
        // Under a key of zeros a ciphertext is a plaintext.
        ObjectDisposedException.ThrowIf(_wiped, this);
        int degree = Parameters.Degree, count = polynomials.Length / degree;
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, LatticeParameters.SeedSize + (count * Parameters.CiphertextSize));
        Span<byte> seed = message[..LatticeParameters.SeedSize];
        RandomNumberGenerator.Fill(seed);
        using LatticeScratch halves = new(Batch * degree);
        using LatticeScratch products = new(Batch * degree);
        for (int first = 0; first < count; first += Batch)
        {
            int here = Math.Min(Batch, count - first);
            for (int i = 0; i < here; i++)
            {
                LatticeSampling.Expand(seed, kind, (uint)(first + i), halves.Words.Slice(i * degree, degree), Parameters.Mask);
            }
            products.Words.Clear();
            Negacyclic.MultiplyAdd(_doubled, halves.Words[..(here * degree)], products.Words, 0, degree);
            for (int i = 0; i < here; i++)
            {
                Span<ulong> b = polynomials.Slice((first + i) * degree, degree);
                RingKernels.Subtract(b, products.Words.Slice(i * degree, degree), Parameters.Mask);
                LatticeSampling.AddNoise(b, Parameters.NoisePairs, halves.Words);
                BitPacking.Write(b, Parameters.ModulusBits, message.Slice(LatticeParameters.SeedSize + ((first + i) * Parameters.CiphertextSize), Parameters.CiphertextSize));
            }
        }
    }

    /// <summary>Adds coefficients <paramref name="from"/> to <paramref name="to"/> of a·s for every `a` in a row.</summary>
    internal void AddProducts(ReadOnlySpan<ulong> halves, Span<ulong> sums, int from, int to)
    {
        ObjectDisposedException.ThrowIf(_wiped, this);
        Negacyclic.MultiplyAdd(_doubled, halves, sums, from, to);
    }
}
