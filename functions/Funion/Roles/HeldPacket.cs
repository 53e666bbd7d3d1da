using System.Buffers.Binary;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A peeled packet on the hop's <b>own</b> queue, waiting for its delay to pass. A delay parked on the next hop's queue would be no mixing:
/// the packet must leave this node late, not arrive early.
/// <code>
/// due u64 BE (ms since 1970) ‖ kind u8 ‖ destination 32 ‖ SURB id 16 ‖ body, zero-padded to one packet
/// </code>
/// All kinds have one size, so that what lies in a node's storage does not tell forwards from deliveries by length.
/// </summary>
/// <param name="Due">When the packet may leave.</param>
/// <param name="Kind">What happens then.</param>
/// <param name="Destination">Next node (forward), endpoint (deliver) or mailbox (reply).</param>
/// <param name="SurbId">Of a reply.</param>
/// <param name="Body">Packet (forward), SURB ‖ payload (deliver) or payload (reply).</param>
public sealed record HeldPacket(DateTimeOffset Due, HeldKind Kind, Bytes32 Destination, SurbId SurbId, ReadOnlyMemory<byte> Body)
{
    const int Prefix = 8 + 1 + 32 + SurbId.Size;

    /// <summary>The last millisecond that a time can name.</summary>
    internal const long EndOfTime = 253_402_300_799_999;

    /// <summary>Lays the packet out for the hop's own queue.</summary>
    public byte[] ToBytes(SphinxGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] message = new byte[Prefix + geometry.PacketSize];
        WritePrefix(message, Due, Kind, Destination, SurbId);
        Body.CopyTo(message.AsMemory(Prefix));
        return message;
    }

    /// <summary>A message with a packet where a body lies, to be peeled there and held as it lies.</summary>
    internal static byte[] Around(ReadOnlySpan<byte> packet)
    {
        byte[] message = new byte[Prefix + packet.Length];
        packet.CopyTo(message.AsSpan(Prefix));
        return message;
    }

    /// <summary>The packet in such a message.</summary>
    internal static Span<byte> PacketIn(Span<byte> message) => message[Prefix..];

    /// <summary>Makes a held packet of such a message, once its packet was peeled; the same bytes as <see cref="ToBytes"/>. False when there is nothing to hold.</summary>
    internal static bool TryHold(Span<byte> message, in Unwrapped layer, DateTimeOffset due)
    {
        Span<byte> body = message[Prefix..];
        int length = body.Length;
        HeldKind kind;
        switch (layer.Outcome)
        {
            case UnwrapOutcome.Forward:
                kind = HeldKind.Forward;
                break;
            case UnwrapOutcome.Deliver:
                kind = HeldKind.Deliver;
                // Both lie further back in the same buffer, one behind the other.
                layer.Surb.CopyTo(body);
                layer.UserPayload.CopyTo(body[layer.Surb.Length..]);
                length = layer.Surb.Length + layer.UserPayload.Length;
                break;
            case UnwrapOutcome.SurbReply:
                kind = HeldKind.Reply;
                layer.Payload.CopyTo(body);
                length = layer.Payload.Length;
                break;
            default:
                return false;
        }
        body[length..].Clear();
        ReadOnlySpan<byte> destination = kind == HeldKind.Forward ? layer.NextHop.AsSpan() : layer.Recipient.AsSpan();
        WritePrefix(message, due, kind, new Bytes32(destination), kind == HeldKind.Reply ? layer.SurbId : default);
        return true;
    }

    static void WritePrefix(Span<byte> message, DateTimeOffset due, HeldKind kind, Bytes32 destination, SurbId surbId)
    {
        BinaryPrimitives.WriteInt64BigEndian(message, due.ToUnixTimeMilliseconds());
        message[8] = (byte)kind;
        destination.AsSpan().CopyTo(message[9..]);
        surbId.CopyTo(message.Slice(41, SurbId.Size));
    }

    /// <summary>When a held message is due, without reading the rest; the epoch's start for one that is malformed.</summary>
    public static DateTimeOffset DueOf(ReadOnlySpan<byte> message)
    {
        long due = message.Length < 8 ? 0 : BinaryPrimitives.ReadInt64BigEndian(message);
        return DateTimeOffset.FromUnixTimeMilliseconds(due is >= 0 and < EndOfTime ? due : 0);
    }

    /// <summary>Reads a message of the hop's own queue; null when it is not one.</summary>
    public static HeldPacket? TryParse(SphinxGeometry geometry, ReadOnlyMemory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (message.Length != Prefix + geometry.PacketSize)
        {
            return null;
        }
        ReadOnlySpan<byte> bytes = message.Span;
        HeldKind kind = (HeldKind)bytes[8];
        int? size = kind switch
        {
            HeldKind.Forward => geometry.PacketSize,
            HeldKind.Deliver => geometry.SurbSize + geometry.UserPayload,
            HeldKind.Reply => geometry.PayloadSize,
            _ => null,
        };
        return size is not { } length
            ? null
            : new HeldPacket(DueOf(bytes), kind, new Bytes32(bytes.Slice(9, 32)), new SurbId(bytes.Slice(41, SurbId.Size)), message.Slice(Prefix, length));
    }

    /// <summary>The next node of a forward.</summary>
    public NodeId NextHop => new(Destination.AsSpan());

    /// <summary>The endpoint of a delivery, the mailbox of a reply.</summary>
    public RecipientId Recipient => new(Destination.AsSpan());

    /// <summary>A delivery as its service sees it.</summary>
    public ServiceRequest ToRequest(SphinxGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        return new ServiceRequest(Recipient, Body[..geometry.SurbSize], Body[geometry.SurbSize..]);
    }
}
