using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Client;

/// <summary>
/// What the first box of a stored file begins with, so that its reader knows how many there are and whether all came back:
/// <code>
/// version u8 1 ‖ length i64 BE ‖ BLAKE2b-256 of the content ‖ content…
/// </code>
/// </summary>
static class FileStreamFormat
{
    public const int HeaderSize = 1 + sizeof(long) + Blake2b.Size256;

    const byte Version = 1;

    public static int Boxes(long length, int boxSize) => checked((int)((HeaderSize + length + boxSize - 1) / boxSize));

    public static byte[] Frame(ReadOnlySpan<byte> content)
    {
        byte[] framed = new byte[HeaderSize + content.Length];
        framed[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(framed.AsSpan(1), content.Length);
        Blake2b.Hash256(content, framed.AsSpan(1 + sizeof(long), Blake2b.Size256));
        content.CopyTo(framed.AsSpan(HeaderSize));
        return framed;
    }

    /// <summary>The content's length as the first box says it; null when it says none that is allowed.</summary>
    public static long? LengthOf(ReadOnlySpan<byte> firstBox, long most)
    {
        if (firstBox.Length < HeaderSize || firstBox[0] != Version)
        {
            return null;
        }
        long length = BinaryPrimitives.ReadInt64BigEndian(firstBox[1..]);
        return length >= 0 && length <= most ? length : null;
    }

    /// <summary>Takes the content out of all boxes; null when it is not what was written.</summary>
    public static byte[]? Unframe(IReadOnlyList<ReadOnlyMemory<byte>> boxes, long length)
    {
        if (boxes.Sum(box => (long)box.Length) != HeaderSize + length)
        {
            return null;
        }
        byte[] content = new byte[length];
        int at = -HeaderSize;
        foreach (ReadOnlyMemory<byte> box in boxes)
        {
            int skip = Math.Max(0, -at);
            box[Math.Min(skip, box.Length)..].CopyTo(content.AsMemory(Math.Max(0, at)));
            at += box.Length;
        }
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256(content, hash);
        return hash.SequenceEqual(boxes[0].Span.Slice(1 + sizeof(long), Blake2b.Size256)) ? content : null;
    }
}
