namespace Funion.Pigeonhole;

/// <summary>
/// A replica's answer on its way to the client's courier. The courier sees whose answer it is and nothing of what it says: the error code is inside.
/// <code>
/// envelope hash 32 ‖ index u8 ‖ accept u8 ‖ sealed answer, zero-padded to the size of a command
/// </code>
/// </summary>
/// <param name="Hash">The envelope.</param>
/// <param name="Index">Which intermediate answers.</param>
/// <param name="SealedAnswer">For the client.</param>
/// <param name="Accept">The one bit that a copy needs; nothing for every other request.</param>
public sealed record CourierInbound(EnvelopeHash Hash, byte Index, ReadOnlyMemory<byte> SealedAnswer, CopyAccept Accept = CopyAccept.NotAsked)
{
    const byte NothingSaid = 0xff;

    /// <summary>A reply that says nothing.</summary>
    public static byte[] Decoy(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.CommandSize];
        bytes[EnvelopeHash.Size] = NothingSaid;
        return bytes;
    }

    /// <summary>Lays the message out.</summary>
    public byte[] ToBytes(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.CommandSize];
        WireWriter writer = new(bytes);
        writer.Bytes(Hash.AsSpan());
        writer.Byte(Index);
        writer.Byte((byte)Accept);
        writer.Bytes(SealedAnswer.Span);
        return bytes;
    }

    /// <summary>Reads a message; null for anything else, decoys too.</summary>
    public static CourierInbound? TryParse(PigeonholeGeometry geometry, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (bytes.Length != geometry.CommandSize)
        {
            return null;
        }
        WireReader reader = new(bytes);
        ReadOnlyMemory<byte> hash = reader.Bytes(EnvelopeHash.Size);
        byte index = reader.Byte(), accept = reader.Byte();
        ReadOnlyMemory<byte> answer = reader.Bytes(geometry.SealedReplySize);
        return reader.EndsInZeros && index <= 1 && accept <= (byte)CopyAccept.Refused
            ? new CourierInbound(new EnvelopeHash(hash.Span), index, answer, (CopyAccept)accept)
            : null;
    }
}
