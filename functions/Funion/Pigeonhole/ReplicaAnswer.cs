using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// What a replica answers, sealed to the client. One size, whatever it says.
/// <code>
/// length u32 ‖ type u8 (0 read, 1 write) ‖ error u8 ‖ {read: box id 32 ‖ signature 64 ‖ length u32 ‖ ciphertext}, zero-padded
/// </code>
/// </summary>
/// <param name="IsWrite">Which kind of request it answers.</param>
/// <param name="Error">What became of it.</param>
/// <param name="Box">Read: the box or its tombstone, null when there is none.</param>
public sealed record ReplicaAnswer(bool IsWrite, ReplicaError Error, Box? Box)
{
    /// <summary>The padded bytes to seal.</summary>
    public byte[] ToBytes(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.ReplySize];
        WireWriter writer = new(bytes);
        int box = Bacap.BoxId.Size + Bacap.Box.SignatureSize + PigeonholeGeometry.LengthSize + (Box?.Ciphertext.Length ?? 0);
        writer.UInt32(2 + (IsWrite ? 0 : box));
        writer.Byte(IsWrite ? (byte)1 : (byte)0);
        writer.Byte((byte)Error);
        if (!IsWrite)
        {
            writer.Bytes(Box is null ? new byte[Bacap.BoxId.Size] : Box.Id.AsSpan());
            writer.Bytes(Box is null ? new byte[Bacap.Box.SignatureSize] : Box.Signature.Span);
            writer.Prefixed(Box is null ? [] : Box.Ciphertext.Span);
        }
        return bytes;
    }

    /// <summary>Reads an answer; null for anything else.</summary>
    public static ReplicaAnswer? TryParse(ReadOnlyMemory<byte> bytes)
    {
        if (PigeonholeGeometry.Unpad(bytes) is not { } data)
        {
            return null;
        }
        WireReader reader = new(data);
        byte type = reader.Byte(), error = reader.Byte();
        if (reader.Failed || type > 1 || error > (byte)ReplicaError.Tombstone)
        {
            return null;
        }
        if (type == 1)
        {
            return reader.Remaining == 0 ? new ReplicaAnswer(true, (ReplicaError)error, null) : null;
        }
        ReadOnlyMemory<byte> id = reader.Bytes(Bacap.BoxId.Size), signature = reader.Bytes(Bacap.Box.SignatureSize), ciphertext = reader.Prefixed();
        if (reader.Failed || reader.Remaining != 0)
        {
            return null;
        }
        bool hasBox = (ReplicaError)error is ReplicaError.None or ReplicaError.Tombstone;
        return new ReplicaAnswer(false, (ReplicaError)error, hasBox ? new Box(new BoxId(id.Span), ciphertext, signature) : null);
    }
}
