using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Roles;

/// <summary>
/// Output boxes at rest: sealed once, kept, and only these bytes are ever sent. A second run of a model may differ in a bit, and a box takes no
/// other bytes than its first.
/// <code>
/// count u32 BE ‖ count × ( box id 32 ‖ signature 64 ‖ length u32 BE ‖ ciphertext )
/// </code>
/// </summary>
static class SealedOutput
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

    /// <summary>Reads what <see cref="ToBytes"/> wrote. The value was authenticated when it was opened, so anything else is a bug.</summary>
    public static IReadOnlyList<Box> Parse(ReadOnlyMemory<byte> bytes)
    {
        Box[] boxes = new Box[BinaryPrimitives.ReadInt32BigEndian(bytes.Span)];
        ReadOnlyMemory<byte> rest = bytes[sizeof(uint)..];
        for (int i = 0; i < boxes.Length; i++)
        {
            int header = BoxId.Size + SignatureSize + sizeof(uint);
            int length = BinaryPrimitives.ReadInt32BigEndian(rest.Span[(header - sizeof(uint))..]);
            boxes[i] = new Box(new BoxId(rest.Span[..BoxId.Size]), rest.Slice(header, length), rest.Slice(BoxId.Size, SignatureSize));
            rest = rest[(header + length)..];
        }
        return boxes;
    }
}
