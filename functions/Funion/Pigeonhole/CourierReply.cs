namespace Funion.Pigeonhole;

/// <summary>
/// A courier's answer, through the packet's SURB: an acknowledgement, or a replica's sealed answer once there is one. Of one size.
/// <code>
/// type u8 0 ‖ envelope hash 32 ‖ reply index u8 ‖ reply type u8 (0 ACK, 1 PAYLOAD) ‖ length u32 ‖ sealed answer ‖ error u8, zero-padded
/// </code>
/// </summary>
/// <param name="Hash">The envelope.</param>
/// <param name="ReplyIndex">Whose answer this is.</param>
/// <param name="SealedAnswer">Empty for an acknowledgement.</param>
/// <param name="Error">What the courier says.</param>
public sealed record CourierReply(EnvelopeHash Hash, byte ReplyIndex, ReadOnlyMemory<byte> SealedAnswer, EnvelopeError Error)
{
    /// <summary>Whether a replica's answer is in it.</summary>
    public bool IsPayload => !SealedAnswer.IsEmpty;

    /// <summary>Lays the answer out over <paramref name="size"/> bytes, a reply payload.</summary>
    public byte[] ToBytes(int size)
    {
        byte[] bytes = new byte[size];
        WireWriter writer = new(bytes);
        writer.Byte(0);
        writer.Bytes(Hash.AsSpan());
        writer.Byte(ReplyIndex);
        writer.Byte(IsPayload ? (byte)1 : (byte)0);
        writer.Prefixed(SealedAnswer.Span);
        writer.Byte((byte)Error);
        return bytes;
    }

    /// <summary>Reads an answer; null for anything else.</summary>
    public static CourierReply? TryParse(PigeonholeGeometry geometry, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        WireReader reader = new(bytes);
        byte type = reader.Byte();
        ReadOnlyMemory<byte> hash = reader.Bytes(EnvelopeHash.Size);
        byte index = reader.Byte(), payload = reader.Byte();
        ReadOnlyMemory<byte> answer = reader.Prefixed();
        byte error = reader.Byte();
        return reader.EndsInZeros && type == 0 && index <= 1 && payload <= 1 && error <= (byte)EnvelopeError.InvalidEpoch
            && answer.Length == (payload == 1 ? geometry.SealedReplySize : 0)
            ? new CourierReply(new EnvelopeHash(hash.Span), index, answer, (EnvelopeError)error)
            : null;
    }
}
