using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Private.Enclaves;

/// <summary>
/// What the owner of a model lets be done with it. Fixed before the model's key is drawn; the quote binds both, so that an owner who encrypts under that key knows what
/// it will be used for.
/// <code>
/// policy = version 1 ‖ l of a hidden model, or 0, 1 ‖ owner 32 ‖ questions 4 ‖ number of users 2 ‖ users 32 each ‖ number of recipients 2 ‖ recipients 32 each
/// </code>
/// </summary>
/// <param name="Bits">l of a hidden model, for its key depends on it; 0 where the cloud owns the weights.</param>
/// <param name="Owner">Ed25519 key under which the owner signs.</param>
/// <param name="Questions">Most questions: of each user, or of all together when anybody may ask.</param>
/// <param name="Users">Ed25519 keys that may ask; none for anybody.</param>
/// <param name="Recipients">X25519 keys for which answers may be sealed; none for whichever the asker names.</param>
public sealed record EnclavePolicy(int Bits, Bytes32 Owner, int Questions, IReadOnlyList<Bytes32> Users, IReadOnlyList<Bytes32> Recipients)
{
    /// <summary>Most users, and most recipients.</summary>
    public const int MaxKeys = 256;

    const byte Version = 1;
    const int HeaderSize = 2 + Bytes32.Size + 4 + 2;

    /// <summary>Whether the cloud has the weights encrypted only; otherwise it owns them.</summary>
    public bool IsHidden => Bits > 0;

    /// <summary>The bytes.</summary>
    public byte[] ToBytes()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Users.Count, MaxKeys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Recipients.Count, MaxKeys);
        byte[] bytes = new byte[HeaderSize + 2 + (Bytes32.Size * (Users.Count + Recipients.Count))];
        (bytes[0], bytes[1]) = (Version, (byte)Bits);
        Owner.AsSpan().CopyTo(bytes.AsSpan(2));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(34), Questions);
        Span<byte> rest = bytes.AsSpan(38);
        foreach (IReadOnlyList<Bytes32> keys in (IReadOnlyList<Bytes32>[])[Users, Recipients])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)keys.Count);
            rest = rest[2..];
            foreach (Bytes32 key in keys)
            {
                key.AsSpan().CopyTo(rest);
                rest = rest[Bytes32.Size..];
            }
        }
        return bytes;
    }

    /// <summary>Reads a policy; null when it is none.</summary>
    public static EnclavePolicy? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || bytes[0] != Version || bytes[1] is not (0 or (>= 8 and <= 32)))
        {
            return null;
        }
        int questions = BinaryPrimitives.ReadInt32LittleEndian(bytes[34..]);
        ReadOnlySpan<byte> rest = bytes[38..];
        return questions > 0 && ReadKeys(ref rest) is { } users && ReadKeys(ref rest) is { } recipients && rest.IsEmpty
            ? new EnclavePolicy(bytes[1], new Bytes32(bytes.Slice(2, Bytes32.Size)), questions, users, recipients)
            : null;
    }

    /// <summary>BLAKE2b-256 of the bytes.</summary>
    public Bytes32 Digest()
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256("funion-enclave-policy-v1"u8, ToBytes(), hash);
        return new Bytes32(hash);
    }

    static Bytes32[]? ReadKeys(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(rest) is var count && (count > MaxKeys || rest.Length < 2 + (count * Bytes32.Size)))
        {
            return null;
        }
        Bytes32[] keys = new Bytes32[count];
        rest = rest[2..];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = new Bytes32(rest[..Bytes32.Size]);
            rest = rest[Bytes32.Size..];
        }
        return keys;
    }
}
