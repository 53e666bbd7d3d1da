using System.Security.Cryptography;
using Funion.Sphinx;

namespace Funion.Mixing;

/// <summary>
/// The answer to a poll: always exactly m entries, so that its size tells nothing.
/// <code>
/// m × ( SURB id 16 ‖ payload )
/// </code>
/// Entries that stand for nothing are random: an id that its reader does not know, and bytes like any other ciphertext.
/// </summary>
public static class MailboxAnswer
{
    /// <summary>Length in bytes of one entry.</summary>
    public static int EntrySize(SphinxGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        return SurbId.Size + geometry.PayloadSize;
    }

    /// <summary>Lays out an answer of <paramref name="packets"/> entries; those not given are random.</summary>
    public static byte[] Build(SphinxGeometry geometry, int packets, IReadOnlyList<(SurbId Id, ReadOnlyMemory<byte> Payload)> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Count, packets);
        int size = EntrySize(geometry);
        byte[] answer = new byte[packets * size];
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> entry = answer.AsSpan(i * size, size);
            entries[i].Id.CopyTo(entry);
            entries[i].Payload.Span.CopyTo(entry[SurbId.Size..]);
        }
        RandomNumberGenerator.Fill(answer.AsSpan(entries.Count * size));
        return answer;
    }

    /// <summary>The ids of an answer in its order: the cursor of the next poll.</summary>
    public static byte[] Cursor(SphinxGeometry geometry, ReadOnlySpan<byte> answer)
    {
        int size = EntrySize(geometry);
        byte[] cursor = new byte[answer.Length / size * SurbId.Size];
        for (int i = 0; i < cursor.Length / SurbId.Size; i++)
        {
            answer.Slice(i * size, SurbId.Size).CopyTo(cursor.AsSpan(i * SurbId.Size));
        }
        return cursor;
    }
}
