using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// SHA-512/256: SHA-512 with its own initial value, cut to 32 bytes.
/// <list type="bullet">
/// <item>References: FIPS 180-4, sections 5.3.6.2 and 6.7.</item>
/// <item>Parameters: hash 32 bytes.</item>
/// </list>
/// </summary>
public static class Sha512_256
{
    /// <summary>Length of the hash in bytes.</summary>
    public const int Size = 32;

    static ReadOnlySpan<ulong> InitialValue =>
    [
        0x22312194FC2BF72C, 0x9F555FA3C84C64C2, 0x2393B86B6F53B151, 0x963877195940EABD,
        0x96283EE2A88EFFE3, 0xBE5E1E2553863992, 0x2B0199FC2C85B8AA, 0x0EB72DDC81C52CA2,
    ];

    /// <summary>Hashes to 32 bytes.</summary>
    public static unsafe void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, Size);
        Libsodium.EnsureInitialized();
        byte* state = stackalloc byte[Libsodium.crypto_hash_sha512_STATEBYTES];
        Span<byte> full = stackalloc byte[64];
        fixed (byte* d = data, h = full)
        {
            // libsodium's state begins with the eight chaining words in the machine's order; only they differ from SHA-512.
            Libsodium.crypto_hash_sha512_init(state);
            InitialValue.CopyTo(new Span<ulong>(state, 8));
            Libsodium.crypto_hash_sha512_update(state, d, (ulong)data.Length);
            Libsodium.crypto_hash_sha512_final(state, h);
        }
        full[..Size].CopyTo(hash);
        CryptographicOperations.ZeroMemory(full);
        new Span<byte>(state, Libsodium.crypto_hash_sha512_STATEBYTES).Clear();
    }
}
