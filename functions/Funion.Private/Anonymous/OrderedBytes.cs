namespace Funion.Private.Anonymous;

/// <summary>A stream that comes in pieces, in any order, some more than once: what is there in a row can be read. Bounded ahead of that.</summary>
/// <param name="mostAhead">Bytes beyond the row that are kept.</param>
sealed class OrderedBytes(int mostAhead)
{
    readonly SortedDictionary<int, byte[]> _early = [];
    readonly Queue<ReadOnlyMemory<byte>> _row = new();

    /// <summary>Bytes that came in a row, read or not.</summary>
    public int Taken { get; private set; }

    /// <summary>Bytes that can be read.</summary>
    public int Available { get; private set; }

    /// <summary>Adds a piece; one that is known, too far ahead or empty adds nothing.</summary>
    public void Add(int offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0 || offset + bytes.Length <= Taken || offset + (long)bytes.Length > (long)Taken + mostAhead)
        {
            return;
        }
        if (!_early.TryGetValue(offset, out byte[]? known) || known.Length < bytes.Length)
        {
            _early[offset] = bytes.ToArray();
        }
        while (_early.Count > 0 && _early.First() is var (first, piece) && first <= Taken)
        {
            _early.Remove(first);
            if (first + piece.Length > Taken)
            {
                ReadOnlyMemory<byte> more = piece.AsMemory(Taken - first);
                _row.Enqueue(more);
                Taken += more.Length;
                Available += more.Length;
            }
        }
    }

    /// <summary>Fills with bytes that are there; the caller has looked at <see cref="Available"/>.</summary>
    public void Read(Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Available);
        Available -= bytes.Length;
        while (bytes.Length > 0)
        {
            ReadOnlyMemory<byte> next = _row.Dequeue();
            int count = Math.Min(bytes.Length, next.Length);
            next.Span[..count].CopyTo(bytes);
            bytes = bytes[count..];
            if (count < next.Length)
            {
                // The rest stays first in the row.
                ReadOnlyMemory<byte>[] others = [.. _row];
                _row.Clear();
                _row.Enqueue(next[count..]);
                Array.ForEach(others, _row.Enqueue);
            }
        }
    }
}
