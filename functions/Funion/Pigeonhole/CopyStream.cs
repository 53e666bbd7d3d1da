namespace Funion.Pigeonhole;

/// <summary>
/// What lies in the temporary stream of a copy: sealed envelopes one after the other, cut into the boxes' plaintexts.
/// <code>
/// box: flags u8 (1 first, 2 last) ‖ length u32 ‖ piece          pieces joined: n × ( length u32 ‖ courier query )
/// </code>
/// </summary>
public static class CopyStream
{
    /// <summary>The most boxes of a temporary stream, and the most envelopes in it.</summary>
    public const int MostBoxes = 4_096;

    const int Overhead = 1 + PigeonholeGeometry.LengthSize;

    const byte First = 1, Last = 2;

    /// <summary>Cuts queries into pieces of at most <see cref="PigeonholeGeometry.MaxPlaintext"/> bytes.</summary>
    public static IReadOnlyList<byte[]> Cut(PigeonholeGeometry geometry, IReadOnlyList<ReadOnlyMemory<byte>> queries)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfZero(queries.Count, nameof(queries));
        int record = PigeonholeGeometry.LengthSize + geometry.QuerySize, room = geometry.MaxPlaintext - Overhead;
        byte[] joined = new byte[checked(queries.Count * record)];
        WireWriter writer = new(joined);
        foreach (ReadOnlyMemory<byte> query in queries)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(query.Length, geometry.QuerySize, nameof(queries));
            writer.Prefixed(query.Span);
        }
        List<byte[]> pieces = [];
        for (int at = 0; at < joined.Length; at += room)
        {
            ReadOnlySpan<byte> piece = joined.AsSpan(at, Math.Min(room, joined.Length - at));
            byte[] box = new byte[Overhead + piece.Length];
            WireWriter element = new(box);
            element.Byte((byte)((at == 0 ? First : 0) | (at + room >= joined.Length ? Last : 0)));
            element.Prefixed(piece);
            pieces.Add(box);
        }
        return pieces;
    }

    /// <summary>Whether a box's plaintext is the last of its stream; null when it is none at this place.</summary>
    public static bool? IsLast(ReadOnlyMemory<byte> box, bool isFirst)
    {
        WireReader reader = new(box);
        byte flags = reader.Byte();
        reader.Prefixed();
        return !reader.Failed && reader.Remaining == 0 && flags <= (First | Last) && (flags & First) != 0 == isFirst ? (flags & Last) != 0 : null;
    }

    /// <summary>Joins the boxes of a whole stream and takes the envelopes out; null when it is not what <see cref="Cut"/> makes.</summary>
    public static IReadOnlyList<CourierEnvelope>? Join(PigeonholeGeometry geometry, IReadOnlyList<ReadOnlyMemory<byte>> boxes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(boxes);
        int record = PigeonholeGeometry.LengthSize + geometry.QuerySize;
        byte[] joined = new byte[boxes.Sum(box => Math.Max(0, box.Length - Overhead))];
        int at = 0;
        for (int i = 0; i < boxes.Count; i++)
        {
            if (IsLast(boxes[i], i == 0) != (i == boxes.Count - 1))
            {
                return null;
            }
            boxes[i][Overhead..].CopyTo(joined.AsMemory(at));
            at += boxes[i].Length - Overhead;
        }
        if (joined.Length == 0 || joined.Length % record != 0 || joined.Length / record > MostBoxes)
        {
            return null;
        }
        List<CourierEnvelope> envelopes = [];
        WireReader reader = new(joined);
        while (reader.Remaining > 0)
        {
            if (CourierEnvelope.TryParse(geometry, reader.Prefixed()) is not { } envelope)
            {
                return null;
            }
            envelopes.Add(envelope);
        }
        return envelopes;
    }
}
