using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>Bytes of <see cref="NodeKeys"/>, without the sum; the layout stands there.</summary>
static class NodeKeysFormat
{
    const int EntrySize = sizeof(long) + X25519.Size;

    static ReadOnlySpan<byte> Magic => "funion-node-keys-v1\n"u8;

    static int HeadSize => Magic.Length + 4 + Ed25519.SeedSize;

    /// <summary>The caller wipes what it gets.</summary>
    public static byte[] Write(NodeKeys keys)
    {
        byte[] bytes = new byte[HeadSize + 2 + (EntrySize * (keys.Keys.Count + keys.JobKeys.Count))];
        Span<byte> rest = bytes;
        Magic.CopyTo(rest);
        rest = rest[Magic.Length..];
        rest[0] = (byte)keys.Role;
        rest[1] = (byte)keys.Layer;
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)keys.Index);
        keys.IdentitySeed.Span.CopyTo(rest[4..]);
        rest = WriteList(rest[(4 + Ed25519.SeedSize)..], keys.Keys);
        WriteList(rest, keys.JobKeys);
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NodeKeys? keys)
    {
        keys = null;
        if (bytes.Length < HeadSize || !bytes.StartsWith(Magic))
        {
            return false;
        }

        ReadOnlySpan<byte> head = bytes[Magic.Length..HeadSize];
        NodeRole role = (NodeRole)head[0];
        int layer = head[1];
        if (!Enum.IsDefined(role) || (role == NodeRole.Mix ? layer is < 1 or > 3 : layer != 0))
        {
            return false;
        }

        List<EpochSecret> sphinx = [];
        List<EpochSecret> jobs = [];
        ReadOnlySpan<byte> rest = bytes[HeadSize..];
        if (!ReadList(ref rest, sphinx) || !ReadList(ref rest, jobs) || rest.Length > 0 || (jobs.Count > 0 && role != NodeRole.Compute))
        {
            sphinx.ForEach(key => key.Dispose());
            jobs.ForEach(key => key.Dispose());
            return false;
        }

        int index = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
        keys = new NodeKeys(role, layer, index, new SecretBytes(head[4..]), sphinx, jobs);
        return true;
    }

    static Span<byte> WriteList(Span<byte> output, IReadOnlyList<EpochSecret> keys)
    {
        output[0] = (byte)keys.Count;
        output = output[1..];
        foreach (EpochSecret key in keys)
        {
            BinaryPrimitives.WriteInt64BigEndian(output, key.Epoch);
            key.PrivateKey.Span.CopyTo(output[sizeof(long)..]);
            output = output[EntrySize..];
        }

        return output;
    }

    static bool ReadList(ref ReadOnlySpan<byte> rest, List<EpochSecret> keys)
    {
        if (rest.IsEmpty || rest.Length < 1 + (rest[0] * EntrySize))
        {
            return false;
        }

        int count = rest[0];
        rest = rest[1..];
        for (int i = 0; i < count; i++)
        {
            long epoch = BinaryPrimitives.ReadInt64BigEndian(rest);
            if (epoch < 0 || (i > 0 && epoch <= keys[^1].Epoch))
            {
                return false;
            }

            keys.Add(new EpochSecret(epoch, new SecretBytes(rest[sizeof(long)..EntrySize])));
            rest = rest[EntrySize..];
        }

        return true;
    }
}
