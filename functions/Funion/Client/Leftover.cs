using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Client;

/// <summary>
/// What is still to be deleted of a question or a file, as tombstones: unlike capabilities they read nothing.
/// <code>
/// version 1 u8 ‖ until i64 BE ‖ count × ( due i64 BE ‖ box id 32 ‖ signature of its tombstone 64 )
/// </code>
/// Times are Unix milliseconds.
/// </summary>
/// <param name="Kept">Where it is noted; null: nowhere.</param>
/// <param name="Until">When the replicas drop the boxes themselves: from then on there is nothing to delete.</param>
/// <param name="Tombstones">One for each box.</param>
sealed record Leftover(string? Kept, DateTimeOffset Until, IReadOnlyList<DueTombstone> Tombstones)
{
    const byte Version = 1;
    const int HeaderSize = sizeof(byte) + sizeof(long), EntrySize = sizeof(long) + BoxId.Size + Box.SignatureSize;

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

    static DateTimeOffset? TimeAt(ReadOnlySpan<byte> milliseconds)
    {
        long value = BinaryPrimitives.ReadInt64BigEndian(milliseconds);
        return value >= 0 && value <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
    }
}
