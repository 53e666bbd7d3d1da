using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// What is sealed to the intermediates: read a box, or write one (a tombstone is a write of nothing). One size.
/// <code>
/// length u32 ‖ type u8 (0 read, 1 write) ‖ box id 32 ‖ {write: signature 64 ‖ length u32 ‖ ciphertext}, zero-padded
/// </code>
/// </summary>
/// <param name="Id">The box.</param>
/// <param name="Write">What to write, or null to read.</param>
public sealed record ReplicaRequest(BoxId Id, Box? Write)
{
    /// <summary>Asks for a box.</summary>
    public static ReplicaRequest Read(BoxId id) => new(id, null);

    /// <summary>Asks to store a box.</summary>
    public static ReplicaRequest ToStore(Box box)
    {
        ArgumentNullException.ThrowIfNull(box);
        return new ReplicaRequest(box.Id, box);
    }

    /// <summary>The padded bytes to seal.</summary>
    public byte[] ToBytes(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.InnerSize];
        WireWriter writer = new(bytes);
        writer.UInt32(1 + BoxId.Size + (Write is null ? 0 : Box.SignatureSize + PigeonholeGeometry.LengthSize + Write.Ciphertext.Length));
        writer.Byte(Write is null ? (byte)0 : (byte)1);
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
        if (type == 0)
        {
            return !reader.Failed && reader.Remaining == 0 ? Read(new BoxId(id.Span)) : null;
        }
        ReadOnlyMemory<byte> signature = reader.Bytes(Box.SignatureSize);
        ReadOnlyMemory<byte> ciphertext = reader.Prefixed();
        return !reader.Failed && type == 1 && reader.Remaining == 0 ? ToStore(new Box(new BoxId(id.Span), ciphertext, signature)) : null;
    }
}
