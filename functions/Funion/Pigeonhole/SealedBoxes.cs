using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// Boxes at rest, sealed once: only these bytes are ever sent. A box takes no other bytes than its first, and a second run of whatever made them may
/// differ in a bit.
/// <code>
/// count u32 BE ‖ count × ( box id 32 ‖ signature 64 ‖ length u32 BE ‖ ciphertext )
/// </code>
/// </summary>
static class SealedBoxes
{
    const int SignatureSize = 64;

    public static byte[] ToBytes(IReadOnlyList<Box> boxes)
    {
        byte[] bytes = new byte[sizeof(uint) + boxes.Sum(box => BoxId.Size + SignatureSize + sizeof(uint) + box.Ciphertext.Length)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, boxes.Count);
        Span<byte> rest = bytes.AsSpan(sizeof(uint));
        foreach (Box box in boxes)
        {
            box.Id.AsSpan().CopyTo(rest);
            box.Signature.Span.CopyTo(rest[BoxId.Size..]);
            BinaryPrimitives.WriteInt32BigEndian(rest[(BoxId.Size + SignatureSize)..], box.Ciphertext.Length);
            rest = rest[(BoxId.Size + SignatureSize + sizeof(uint))..];
            box.Ciphertext.Span.CopyTo(rest);
            rest = rest[box.Ciphertext.Length..];
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for anything else. The boxes share the bytes.</summary>
    public static IReadOnlyList<Box>? TryParse(ReadOnlyMemory<byte> bytes)
    {
        const int Header = BoxId.Size + SignatureSize + sizeof(uint);
        if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(bytes.Span) is var count && count > bytes.Length / Header)
        {
            return null;
        }
        Box[] boxes = new Box[count];
        ReadOnlyMemory<byte> rest = bytes[sizeof(uint)..];
        for (int i = 0; i < boxes.Length; i++)
        {
            if (rest.Length < Header
                || BinaryPrimitives.ReadUInt32BigEndian(rest.Span[(Header - sizeof(uint))..]) is var length && length > rest.Length - Header)
            {
                return null;
            }
            boxes[i] = new Box(new BoxId(rest.Span[..BoxId.Size]), rest.Slice(Header, (int)length), rest.Slice(BoxId.Size, SignatureSize));
            rest = rest[(Header + (int)length)..];
        }
        return rest.IsEmpty ? boxes : null;
    }
}
