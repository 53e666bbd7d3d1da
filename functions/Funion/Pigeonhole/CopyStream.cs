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
    public const int MostBoxes = 1_024;

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

    /// <summary>Whether a box's plaintext is the last of its stream; null when it is none at this place. Only the last may be less than full.</summary>
    public static bool? IsLast(PigeonholeGeometry geometry, ReadOnlyMemory<byte> box, bool isFirst)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        WireReader reader = new(box);
        byte flags = reader.Byte();
        reader.Prefixed();
        return !reader.Failed && reader.Remaining == 0 && flags <= (First | Last) && (flags & First) != 0 == isFirst
            && (box.Length == geometry.MaxPlaintext || (box.Length < geometry.MaxPlaintext && (flags & Last) != 0))
                ? (flags & Last) != 0
                : null;
    }

    /// <summary>The boxes over which an envelope lies, first and last.</summary>
    public static (int First, int Last) BoxesOf(PigeonholeGeometry geometry, int envelope)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        int record = PigeonholeGeometry.LengthSize + geometry.QuerySize, room = geometry.MaxPlaintext - Overhead;
        return (envelope * record / room, (((envelope + 1) * record) - 1) / room);
    }

    /// <summary>Takes one envelope out of the boxes over which it lies; null when it is none.</summary>
    public static CourierEnvelope? TryRead(PigeonholeGeometry geometry, int envelope, IReadOnlyList<ReadOnlyMemory<byte>> boxes)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        (int first, int last) = BoxesOf(geometry, envelope);
        int record = PigeonholeGeometry.LengthSize + geometry.QuerySize, from = (envelope * record) - (first * (geometry.MaxPlaintext - Overhead));
        byte[] joined = [.. boxes.Where(box => box.Length > Overhead).SelectMany(box => box[Overhead..].ToArray())];
        if (boxes.Count != last - first + 1 || joined.Length < from + record)
        {
            return null;
        }
        return CourierEnvelope.TryParse(geometry, new WireReader(joined.AsMemory(from, record)).Prefixed());
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
            if (IsLast(geometry, boxes[i], i == 0) != (i == boxes.Count - 1))
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
