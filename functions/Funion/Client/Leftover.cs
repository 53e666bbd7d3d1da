using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Client;

/// <summary>
/// What is still to be deleted of a question or a file, as tombstones: unlike capabilities they read nothing.
/// <code>
/// version 2 u8 ‖ until i64 BE ‖ count × ( due i64 BE ‖ box id 32 ‖ signature of its tombstone 64 )
/// </code>
/// Times are Unix milliseconds. Before there was a version: count × ( write capability 168 ‖ boxes u32 BE ), no multiple of which has a length of this form.
/// </summary>
/// <param name="Kept">Where it is noted; null: nowhere.</param>
/// <param name="Until">When the replicas drop the boxes themselves: from then on there is nothing to delete.</param>
/// <param name="Tombstones">One for each box.</param>
sealed record Leftover(string? Kept, DateTimeOffset Until, IReadOnlyList<DueTombstone> Tombstones)
{
    const byte Version = 2;
    const int HeaderSize = sizeof(byte) + sizeof(long), EntrySize = sizeof(long) + BoxId.Size + Box.SignatureSize;
    const int OldEntrySize = WriteCapability.Size + sizeof(uint), MostOldBoxes = 1 << 17;

    public byte[] ToBytes()
    {
        byte[] body = new byte[HeaderSize + (Tombstones.Count * EntrySize)];
        body[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(1), Until.ToUnixTimeMilliseconds());
        Span<byte> rest = body.AsSpan(HeaderSize);
        foreach ((Box box, DateTimeOffset due) in Tombstones)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, due.ToUnixTimeMilliseconds());
            box.Id.AsSpan().CopyTo(rest[sizeof(long)..]);
            box.Signature.Span.CopyTo(rest[(sizeof(long) + BoxId.Size)..]);
            rest = rest[EntrySize..];
        }
        return body;
    }

    /// <summary>Null for other bytes.</summary>
    public static Leftover? TryParse(ReadOnlySpan<byte> body)
    {
        if (body.Length % OldEntrySize == 0)
        {
            return ParseOld(body);
        }
        if (body.Length < HeaderSize || body[0] != Version || (body.Length - HeaderSize) % EntrySize != 0 || TimeAt(body[1..]) is not { } until)
        {
            return null;
        }
        List<DueTombstone> tombstones = [];
        for (body = body[HeaderSize..]; !body.IsEmpty; body = body[EntrySize..])
        {
            if (TimeAt(body) is not { } due)
            {
                return null;
            }
            ReadOnlySpan<byte> id = body.Slice(sizeof(long), BoxId.Size);
            tombstones.Add(new DueTombstone(new Box(new BoxId(id), default, body[(sizeof(long) + BoxId.Size)..EntrySize].ToArray()), due));
        }
        return new Leftover(null, until, tombstones);
    }

    /// <summary>Without times: they are past, and the boxes may be there still.</summary>
    static Leftover? ParseOld(ReadOnlySpan<byte> body)
    {
        List<DueTombstone> tombstones = [];
        for (; !body.IsEmpty; body = body[OldEntrySize..])
        {
            int boxes = BinaryPrimitives.ReadInt32BigEndian(body[WriteCapability.Size..]);
            if (boxes is < 1 or > MostOldBoxes || !WriteCapability.TryParse(body[..WriteCapability.Size], out WriteCapability? stream))
            {
                return null;
            }
            tombstones.AddRange(FixedStream.Tombstones(stream, boxes).Select(box => new DueTombstone(box, DateTimeOffset.UnixEpoch)));
            stream.Wipe();
        }
        return tombstones.Count == 0 ? null : new Leftover(null, DateTimeOffset.MaxValue, tombstones);
    }

    static DateTimeOffset? TimeAt(ReadOnlySpan<byte> milliseconds)
    {
        long value = BinaryPrimitives.ReadInt64BigEndian(milliseconds);
        return value >= 0 && value <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
    }
}
