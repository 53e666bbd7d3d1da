using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// EMSA-PSS with SHA-384 and MGF1 with SHA-384: the encoding that is blinded and signed. The platform signs with this encoding but does not show it.
/// <code>
/// EM = maskedDB ‖ H ‖ 0xbc      H = SHA-384(0^8 ‖ SHA-384(M) ‖ salt)      maskedDB = (0… ‖ 0x01 ‖ salt) ⊕ MGF1(H), its top bit cleared
/// </code>
/// <list type="bullet">
/// <item>References: RFC 8017 sections 9.1 and B.2.1.</item>
/// <item>Parameters: hash 48 bytes, salt 0 or 48, encoded message as long as the modulus, whose bits are whole bytes (emBits = modBits − 1).</item>
/// </list>
/// </summary>
static class EmsaPss
{
    public const int HashSize = SHA384.HashSizeInBytes;

    const byte Trailer = 0xbc;

    /// <summary>Encodes a message.</summary>
    public static void Encode(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, Span<byte> encoded)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(encoded.Length, HashSize + salt.Length + 2);
        encoded.Clear();
        Span<byte> masked = encoded[..^(HashSize + 1)], hash = encoded.Slice(masked.Length, HashSize);
        Hash(message, salt, hash);
        masked[^(salt.Length + 1)] = 1;
        salt.CopyTo(masked[^salt.Length..]);
        Mask(hash, masked);
        masked[0] &= 0x7f;
        encoded[^1] = Trailer;
    }

    /// <summary>Whether an encoded message is one of this message with a salt of this length.</summary>
    public static bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> encoded, int saltSize)
    {
        if (encoded.Length < HashSize + saltSize + 2 || encoded[^1] != Trailer || encoded[0] > 0x7f)
        {
            return false;
        }
        byte[] db = encoded[..^(HashSize + 1)].ToArray();
        ReadOnlySpan<byte> hash = encoded.Slice(db.Length, HashSize);
        Mask(hash, db);
        db[0] &= 0x7f;
        int zeros = db.Length - saltSize - 1;
        if (db.AsSpan(0, zeros).ContainsAnyExcept((byte)0) || db[zeros] != 1)
        {
            return false;
        }
        Span<byte> expected = stackalloc byte[HashSize];
        Hash(message, db.AsSpan(zeros + 1), expected);
        return CryptographicOperations.FixedTimeEquals(expected, hash);
    }

    static void Hash(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        Span<byte> inner = stackalloc byte[HashSize], padding = stackalloc byte[8];
        padding.Clear();
        SHA384.HashData(message, inner);
        sha.AppendData(padding);
        sha.AppendData(inner);
        sha.AppendData(salt);
        sha.GetHashAndReset(hash);
    }

    /// <summary>XORs MGF1(seed) into the data.</summary>
    static void Mask(ReadOnlySpan<byte> seed, Span<byte> data)
    {
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        Span<byte> counter = stackalloc byte[sizeof(uint)], block = stackalloc byte[HashSize];
        for (int at = 0; at < data.Length; at += HashSize)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counter, (uint)(at / HashSize));
            sha.AppendData(seed);
            sha.AppendData(counter);
            sha.GetHashAndReset(block);
            for (int i = 0; i < Math.Min(HashSize, data.Length - at); i++)
            {
                data[at + i] ^= block[i];
            }
        }
        block.Clear();
    }
}
