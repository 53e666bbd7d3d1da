using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>Draws polynomials. Secrets and noise come from the system's generator, in a time that does not depend on them.</summary>
static class LatticeSampling
{
    /// <summary>Uniform words.</summary>
    public static void Uniform(Span<ulong> words, ulong mask)
    {
        SystemRandom.Fill(words);
        foreach (ref ulong word in words)
        {
            word &= mask;
        }
    }

    /// <summary>Uniform in {−1, 0, 1}: ⌊3x / 2^64⌋ − 1, at most 2^−62 from uniform in each.</summary>
    public static void Ternary(Span<ulong> words)
    {
        SystemRandom.Fill(words);
        foreach (ref ulong word in words)
        {
            word = unchecked(Math.BigMul(word, 3, out _) - 1);
        }
    }

    /// <summary>The same from a secret seed, so that 32 bytes are all there is to keep.</summary>
    public static void Ternary(ReadOnlySpan<byte> seed, Span<ulong> words)
    {
        Expand(seed, MaskKind.EnclaveSecret, 0, words, ulong.MaxValue);
        foreach (ref ulong word in words)
        {
            word = unchecked(Math.BigMul(word, 3, out _) - 1);
        }
    }

    /// <summary>Adds CBD(k) to every word: the ones among k bits, less the ones among k more; which is those among all 2k, less k.</summary>
    public static void AddNoise(Span<ulong> words, int pairs, Span<ulong> scratch)
    {
        Span<ulong> coins = scratch[..words.Length];
        SystemRandom.Fill(coins);
        ulong mask = ulong.MaxValue >> (64 - (2 * pairs));
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = unchecked(words[i] + (ulong)BitOperations.PopCount(coins[i] & mask) - (ulong)pairs);
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(coins));
    }

    /// <summary>
    /// The half `a` number <paramref name="index"/> of a seed, of a message of this kind: AES-256-CTR under MAC(seed, kind, index). Through a hash, so that a client who picks the seed does
    /// not pick the polynomial: one of its choosing (zero, say) would not hide what the server multiplies it with.
    /// </summary>
    public static void Expand(ReadOnlySpan<byte> seed, MaskKind kind, uint index, Span<ulong> words, ulong mask)
    {
        Span<byte> label = stackalloc byte[21];
        "funion rlwe a v2"u8.CopyTo(label);
        label[16] = (byte)kind;
        BinaryPrimitives.WriteUInt32LittleEndian(label[17..], index);
        Span<byte> key = stackalloc byte[Blake2b.Size256];
        Blake2b.Mac256(seed, label, key);
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        bytes.Clear();
        Span<byte> iv = stackalloc byte[Aes256Ctr.IvSize];
        iv.Clear();
        Aes256Ctr.Xor(key, iv, bytes);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        RingKernels.Reduce(words, mask);
    }
}
