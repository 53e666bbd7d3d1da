using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// BLAKE2b.
/// <list type="bullet">
/// <item>References: RFC 7693.</item>
/// <item>Parameters: hash 32 or 64 bytes; key of a MAC 1 to 64 bytes.</item>
/// </list>
/// </summary>
public static class Blake2b
{
    /// <summary>Length of the short hash and of the MAC in bytes.</summary>
    public const int Size256 = 32;

    /// <summary>Length of the long hash in bytes.</summary>
    public const int Size512 = 64;

    /// <summary>Hashes to 32 bytes.</summary>
    public static void Hash256(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, Size256);
        Hash(data, [], hash);
    }

    /// <summary>Hashes the concatenation of two parts to 32 bytes.</summary>
    public static void Hash256(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, Size256);
        Blake2bState state = new(Size256, []);
        state.Append(first);
        state.Append(second);
        state.Finish(hash);
    }

    /// <summary>Hashes to 64 bytes.</summary>
    public static void Hash512(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, Size512);
        Hash(data, [], hash);
    }

    /// <summary>Keyed BLAKE2b-256: a MAC of 32 bytes.</summary>
    public static void Mac256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(mac.Length, Size256);
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, Size512);
        Hash(data, key, mac);
    }

    static unsafe void Hash(ReadOnlySpan<byte> data, ReadOnlySpan<byte> key, Span<byte> hash)
    {
        Libsodium.EnsureInitialized();
        fixed (byte* h = hash, d = data, k = key)
        {
            Libsodium.crypto_generichash_blake2b(h, (nuint)hash.Length, d, (ulong)data.Length, k, (nuint)key.Length);
        }
    }
}
