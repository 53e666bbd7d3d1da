using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// What is sealed to the intermediates: read a box, or write one (a tombstone is a write of nothing). One size.
/// <code>
/// length u32 ‖ type u8 (0 read, 1 write, 2 write for a copy) ‖ box id 32 ‖ {write: signature 64 ‖ length u32 ‖ ciphertext}, zero-padded
/// </code>
/// </summary>
/// <param name="Id">The box.</param>
/// <param name="Write">What to write, or null to read.</param>
/// <param name="ForCopy">Whether the courier, which copies for the client, is told one bit: taken or not. Only the client can ask for that.</param>
public sealed record ReplicaRequest(BoxId Id, Box? Write, bool ForCopy = false)
{
    const byte ReadType = 0, WriteType = 1, CopyType = 2;

    /// <summary>Asks for a box.</summary>
    public static ReplicaRequest Read(BoxId id) => new(id, null);

    /// <summary>Asks to store a box.</summary>
    public static ReplicaRequest ToStore(Box box)
    {
        ArgumentNullException.ThrowIfNull(box);
        return new ReplicaRequest(box.Id, box);
    }

    /// <summary>Asks to store a box and to tell the courier whether it was taken.</summary>
    public static ReplicaRequest ToCopy(Box box) => ToStore(box) with { ForCopy = true };

    /// <summary>The padded bytes to seal.</summary>
    public byte[] ToBytes(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.InnerSize];
        WireWriter writer = new(bytes);
        writer.UInt32(1 + BoxId.Size + (Write is null ? 0 : Box.SignatureSize + PigeonholeGeometry.LengthSize + Write.Ciphertext.Length));
        writer.Byte(Write is null ? ReadType : ForCopy ? CopyType : WriteType);
        writer.Bytes(Id.AsSpan());
        if (Write is not null)
        {
            writer.Bytes(Write.Signature.Span);
            writer.Prefixed(Write.Ciphertext.Span);
        }
        return bytes;
    }

    /// <summary>Reads a request; null for anything else.</summary>
    public static ReplicaRequest? TryParse(ReadOnlyMemory<byte> bytes)
    {
        if (PigeonholeGeometry.Unpad(bytes) is not { } data)
        {
            return null;
        }
        WireReader reader = new(data);
        byte type = reader.Byte();
        ReadOnlyMemory<byte> id = reader.Bytes(BoxId.Size);
        if (type == ReadType)
        {
            return !reader.Failed && reader.Remaining == 0 ? Read(new BoxId(id.Span)) : null;
        }
        ReadOnlyMemory<byte> signature = reader.Bytes(Box.SignatureSize);
        ReadOnlyMemory<byte> ciphertext = reader.Prefixed();
        return !reader.Failed && type is (WriteType or CopyType) && reader.Remaining == 0
            ? new ReplicaRequest(new BoxId(id.Span), new Box(new BoxId(id.Span), ciphertext, signature), type == CopyType)
            : null;
    }
}
