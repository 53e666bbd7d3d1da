using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Protocol;

/// <summary>
/// Material at rest: parts, each sealed for its place, under a key of this file alone.
/// <code>
/// file     = magic 16 ‖ salt 32 ‖ part 0 ‖ part 1 ‖ …
/// part     = length 4 ‖ AES-256-GCM-SIV(file key, nonce = number of the part, bound to "last" 1, content)
/// file key = HKDF-BLAKE2b(owner's key, salt, "funion two-party material v1")
/// </code>
/// Without its salt a file opens with no key: overwriting those 32 bytes is enough to delete it, where overwriting means anything. A number for a nonce
/// is safe, for a file key seals one file.
/// <list type="bullet">
/// <item>References: RFC 8452; Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015), the construction "STREAM", for parts that know their place and which is
/// the last.</item>
/// </list>
/// </summary>
static class MaterialFile
{
    /// <summary>Bytes of an owner's key.</summary>
    public const int KeySize = AesGcmSiv.KeySize;

    /// <summary>Where the salt is.</summary>
    public const int SaltOffset = 16;

    /// <summary>Bytes of a salt.</summary>
    public const int SaltSize = 32;

    const int Header = SaltOffset + SaltSize, MaxPart = 1 << 28;

    static ReadOnlySpan<byte> Magic => "funion2p-mat-v1\n"u8;

    /// <summary>Writes all parts, one at least, and wipes them.</summary>
    public static void Write(Stream file, ReadOnlySpan<byte> ownerKey, IEnumerable<byte[]> parts)
    {
        Span<byte> header = stackalloc byte[Header], length = stackalloc byte[4];
        Magic.CopyTo(header);
        RandomNumberGenerator.Fill(header[SaltOffset..]);
        file.Write(header);
        using SecretBytes key = FileKey(ownerKey, header[SaltOffset..]);
        using IEnumerator<byte[]> at = parts.GetEnumerator();
        bool more = at.MoveNext();
        for (uint number = 0; more; number++)
        {
            byte[] part = at.Current;
            more = at.MoveNext();
            byte[] sealedPart = GC.AllocateUninitializedArray<byte>(part.Length + AesGcmSiv.TagSize);
            AesGcmSiv.Encrypt(key.Span, Nonce(number), [(byte)(more ? 0 : 1)], part, sealedPart);
            CryptographicOperations.ZeroMemory(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, sealedPart.Length);
            file.Write(length);
            file.Write(sealedPart);
        }
    }

    /// <summary>
    /// Reads the parts, all or the first ones, and gives each to <paramref name="take"/>, which says whether it is sound, and wipes it then. False when anything is not.
    /// </summary>
    public static bool TryRead(Stream file, ReadOnlySpan<byte> ownerKey, Func<int, byte[], bool> take, int most = int.MaxValue)
    {
        Span<byte> header = stackalloc byte[Header];
        if (file.ReadAtLeast(header, Header, throwOnEndOfStream: false) != Header || !header.StartsWith(Magic))
        {
            return false;
        }
        using SecretBytes key = FileKey(ownerKey, header[SaltOffset..]);
        for (int number = 0; ; number++)
        {
            if (ReadPart(file) is not { } sealedPart)
            {
                return false;
            }
            bool last = file.Position == file.Length;
            byte[] part = GC.AllocateUninitializedArray<byte>(sealedPart.Length - AesGcmSiv.TagSize, pinned: true);
            bool sound = AesGcmSiv.Decrypt(key.Span, Nonce((uint)number), [(byte)(last ? 1 : 0)], sealedPart, part) && take(number, part);
            CryptographicOperations.ZeroMemory(part);
            if (!sound || last || number + 1 == most)
            {
                return sound;
            }
        }
    }

    /// <summary>Whether the salt is still there: whether deletion has not begun.</summary>
    public static bool HasSalt(Stream file)
    {
        Span<byte> header = stackalloc byte[Header];
        return file.ReadAtLeast(header, Header, throwOnEndOfStream: false) == Header && header[SaltOffset..].ContainsAnyExcept((byte)0);
    }

    static byte[]? ReadPart(Stream file)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (file.ReadAtLeast(bytes, 4, throwOnEndOfStream: false) != 4)
        {
            return null;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < AesGcmSiv.TagSize or > MaxPart || length > file.Length - file.Position)
        {
            return null;
        }
        byte[] part = GC.AllocateUninitializedArray<byte>(length);
        file.ReadExactly(part);
        return part;
    }

    static SecretBytes FileKey(ReadOnlySpan<byte> ownerKey, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ownerKey.Length, KeySize);
        SecretBytes key = new(KeySize);
        HkdfBlake2b.DeriveKey(ownerKey, salt, "funion two-party material v1"u8, key.Span);
        return key;
    }

    static byte[] Nonce(uint number)
    {
        byte[] nonce = new byte[AesGcmSiv.NonceSize];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, number);
        return nonce;
    }
}
