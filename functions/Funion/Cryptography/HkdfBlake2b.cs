using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// HKDF over HMAC-BLAKE2b-512.
/// <list type="bullet">
/// <item>References: RFC 5869, RFC 2104, RFC 7693.</item>
/// <item>Parameters: block 128 bytes, pseudorandom key 64, output at most 16,320; an absent salt is 64 zero bytes.</item>
/// </list>
/// </summary>
public static class HkdfBlake2b
{
    const int BlockSize = 128;

    const int HashSize = Blake2b.Size512;

    /// <summary>Length of a pseudorandom key in bytes.</summary>
    public const int PseudorandomKeySize = HashSize;

    /// <summary>Extract, then expand.</summary>
    public static void DeriveKey(ReadOnlySpan<byte> ikm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> okm)
    {
        Span<byte> prk = stackalloc byte[HashSize];
        Extract(ikm, salt, prk);
        Expand(prk, info, okm);
        CryptographicOperations.ZeroMemory(prk);
    }

    /// <summary>PRK = HMAC(salt, ikm).</summary>
    public static void Extract(ReadOnlySpan<byte> ikm, ReadOnlySpan<byte> salt, Span<byte> prk)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(prk.Length, HashSize);
        // HMAC pads its key with zeros, so the empty salt is the 64 zero bytes that the RFC asks for.
        Hmac(salt, ikm, [], [], prk);
    }

    /// <summary>T(i) = HMAC(prk, T(i−1) ‖ info ‖ i), concatenated.</summary>
    public static void Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info, Span<byte> okm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prk.Length, HashSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(okm.Length, 255 * HashSize);
        Span<byte> block = stackalloc byte[HashSize];
        Span<byte> counter = stackalloc byte[1];
        scoped ReadOnlySpan<byte> previous = [];
        for (int i = 1; okm.Length > 0; i++)
        {
            counter[0] = (byte)i;
            Hmac(prk, previous, info, counter, block);
            int take = Math.Min(okm.Length, HashSize);
            block[..take].CopyTo(okm);
            okm = okm[take..];
            previous = block;
        }
        CryptographicOperations.ZeroMemory(block);
    }

    static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> mac)
    {
        Span<byte> pad = stackalloc byte[BlockSize];
        Span<byte> inner = stackalloc byte[HashSize];
        pad.Clear();
        if (key.Length > BlockSize)
        {
            Blake2b.Hash512(key, pad[..HashSize]);
        }
        else
        {
            key.CopyTo(pad);
        }
        foreach (ref byte b in pad)
        {
            b ^= 0x36;
        }
        Blake2bState state = new(HashSize, []);
        state.Append(pad);
        state.Append(first);
        state.Append(second);
        state.Append(third);
        state.Finish(inner);
        foreach (ref byte b in pad)
        {
            b ^= 0x36 ^ 0x5c;
        }
        state = new(HashSize, []);
        state.Append(pad);
        state.Append(inner);
        state.Finish(mac);
        CryptographicOperations.ZeroMemory(pad);
        CryptographicOperations.ZeroMemory(inner);
    }
}
