using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// AES-256-GCM-SIV. Deterministic: equal inputs give equal outputs, and a repeated nonce leaks no more than that.
/// <list type="bullet">
/// <item>References: RFC 8452.</item>
/// <item>Parameters: key 32 bytes, nonce 12, tag 16 behind the ciphertext.</item>
/// </list>
/// </summary>
public static class AesGcmSiv
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Length of a nonce in bytes.</summary>
    public const int NonceSize = 12;

    /// <summary>Length of a tag in bytes.</summary>
    public const int TagSize = 16;

    /// <summary>Encrypts; the ciphertext is the plaintext's length and 16 bytes.</summary>
    public static void Encrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        Encrypt(key, nonce, associatedData, plaintext, ciphertext, portable: false);

    /// <summary>Decrypts; false, and a zeroed plaintext, for anything that was not encrypted so.</summary>
    public static bool Decrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Decrypt(key, nonce, associatedData, ciphertext, plaintext, portable: false);

    internal static void Encrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext,
        bool portable)
    {
        CheckSizes(key, nonce);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, plaintext.Length + TagSize);
        DeriveKeys(key, nonce, portable, out Vector128<byte> hashKey, out Aes256 aes);
        Vector128<byte> tag = Tag(hashKey, aes, nonce, associatedData, plaintext, portable);
        plaintext.CopyTo(ciphertext);
        aes.XorKeystream(new Counter(tag), ciphertext[..plaintext.Length]);
        tag.CopyTo(ciphertext[plaintext.Length..]);
        aes.Clear();
    }

    internal static bool Decrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext,
        bool portable)
    {
        CheckSizes(key, nonce);
        if (ciphertext.Length < TagSize)
        {
            plaintext.Clear();
            return false;
        }
        ArgumentOutOfRangeException.ThrowIfNotEqual(plaintext.Length, ciphertext.Length - TagSize);
        DeriveKeys(key, nonce, portable, out Vector128<byte> hashKey, out Aes256 aes);
        ReadOnlySpan<byte> claimed = ciphertext[plaintext.Length..];
        Vector128<byte> theirTag = Vector128.Create(claimed);
        ciphertext[..plaintext.Length].CopyTo(plaintext);
        aes.XorKeystream(new Counter(theirTag), plaintext);
        Span<byte> tag = stackalloc byte[TagSize];
        Tag(hashKey, aes, nonce, associatedData, plaintext, portable).CopyTo(tag);
        Span<byte> theirs = stackalloc byte[TagSize];
        theirTag.CopyTo(theirs);
        bool authentic = CryptographicOperations.FixedTimeEquals(tag, theirs);
        CryptographicOperations.ZeroMemory(tag);
        if (!authentic)
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
        aes.Clear();
        return authentic;
    }

    static void CheckSizes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize);
    }

    /// <summary>RFC 8452, section 4: six blocks, of each the first half.</summary>
    static void DeriveKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, bool portable, out Vector128<byte> hashKey, out Aes256 aes)
    {
        Aes256 generator = new(key, portable);
        Span<byte> input = stackalloc byte[16];
        Span<byte> derived = stackalloc byte[6 * 8];
        nonce.CopyTo(input[4..]);
        for (int i = 0; i < 6; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(input, i);
            ulong half = generator.Encrypt(Vector128.Create<byte>(input)).AsUInt64()[0];
            BinaryPrimitives.WriteUInt64LittleEndian(derived[(i * 8)..], half);
        }
        hashKey = Vector128.Create<byte>(derived[..16]);
        aes = new Aes256(derived[16..], portable);
        generator.Clear();
        CryptographicOperations.ZeroMemory(derived);
    }

    static Vector128<byte> Tag(
        Vector128<byte> hashKey, scoped in Aes256 aes, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext,
        bool portable)
    {
        Polyval hash = new(hashKey, portable);
        hash.AppendPadded(associatedData);
        hash.AppendPadded(plaintext);
        hash.Append(Vector128.Create((ulong)associatedData.Length * 8, (ulong)plaintext.Length * 8).AsByte());
        Span<byte> mask = stackalloc byte[16];
        mask.Clear();
        nonce.CopyTo(mask);
        Vector128<byte> sum = hash.Hash ^ Vector128.Create<byte>(mask);
        hash.Clear();
        return aes.Encrypt(sum & Vector128.Create(ulong.MaxValue, long.MaxValue).AsByte());
    }

    /// <summary>RFC 8452, section 4: the tag with its top bit set; its first 32 bits count, little-endian, and wrap.</summary>
    readonly struct Counter(Vector128<byte> tag) : IAesCounter
    {
        readonly Vector128<uint> _start = tag.AsUInt32() | Vector128.Create(0u, 0u, 0u, 0x80000000u);

        public Vector128<byte> Block(uint index) => (_start + Vector128.CreateScalar(index)).AsByte();
    }
}
