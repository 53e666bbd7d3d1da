using System.Buffers.Binary;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// One slot of a Poisson process, as a message on the node's own queue: whoever takes it at its time sends what waits, or a decoy. So cover goes on
/// while no process runs between two tokens.
/// <code>
/// due i64 BE (ms since 1970) ‖ kind u8 ‖ peer 32
/// </code>
/// </summary>
/// <param name="Due">When.</param>
/// <param name="Kind">What for.</param>
/// <param name="Peer">The other end of the link; zeros for a loop.</param>
public readonly record struct SlotToken(DateTimeOffset Due, SlotKind Kind, NodeId Peer)
{
    const int Size = sizeof(long) + 1 + NodeId.Size;

    /// <summary>The message.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Due.ToUnixTimeMilliseconds());
        bytes[sizeof(long)] = (byte)Kind;
        Peer.AsSpan().CopyTo(bytes.AsSpan(sizeof(long) + 1));
        return bytes;
    }

    /// <summary>Reads a message; null for anything else.</summary>
    public static SlotToken? TryParse(ReadOnlySpan<byte> message) => message.Length == Size && Enum.IsDefined((SlotKind)message[sizeof(long)])
        ? new SlotToken(HeldPacket.DueOf(message), (SlotKind)message[sizeof(long)], new NodeId(message[(sizeof(long) + 1)..]))
        : null;
}
