using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;

namespace Funion.Pigeonhole;

/// <summary>
/// Every message between couriers and replicas and between replicas, and of one size, so that a link shows neither which nor how large.
/// <code>
/// kind u8 ‖ from 32 ‖ replica epoch i64 ‖ tag 32 ‖ index u8 ‖ ephemeral key 32 ‖ DEK 60 ‖ ticket 256 ‖ length u32 ‖ body, zero-padded
/// envelope:      from courier, tag envelope hash, index of the intermediate, body sealed request
/// proxied:       from replica, body sealed request, ticket
/// proxy answer:  body sealed answer, ticket as it came
/// replicate:     body stored box
/// decoys:        no body
/// </code>
/// The ticket is what a proxying replica must remember, encrypted to itself: it keeps no state and may crash in between.
/// </summary>
public sealed record ReplicaCommand(
    ReplicaCommandKind Kind, NodeId From, long ReplicaEpoch, Bytes32 Tag, byte Index, ReadOnlyMemory<byte> EphemeralKey, ReadOnlyMemory<byte> Dek,
    ReadOnlyMemory<byte> Ticket, ReadOnlyMemory<byte> Body)
{
    /// <summary>Bytes of a ticket.</summary>
    public const int TicketSize = 256;

    internal const int FixedSize = 1 + NodeId.Size + 8 + Bytes32.Size + 1 + Mkem.KeySize + Mkem.DekSize + TicketSize + PigeonholeGeometry.LengthSize;

    /// <summary>Whether it is one of the two replies, which get none themselves.</summary>
    public bool IsReply => Kind is ReplicaCommandKind.ProxyAnswer or ReplicaCommandKind.DecoyReply;

    /// <summary>A message that says nothing, for a slot with nothing to say.</summary>
    public static byte[] Decoy(PigeonholeGeometry geometry, NodeId from, ReplicaCommandKind kind) =>
        new ReplicaCommand(kind, from, 0, default, 0, default, default, default, default).ToBytes(geometry);

    /// <summary>Lays the message out.</summary>
    public byte[] ToBytes(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] bytes = new byte[geometry.CommandSize];
        WireWriter writer = new(bytes);
        writer.Byte((byte)Kind);
        writer.Bytes(From.AsSpan());
        writer.Int64(ReplicaEpoch);
        writer.Bytes(Tag.AsSpan());
        writer.Byte(Index);
        writer.Bytes(EphemeralKey.IsEmpty ? new byte[Mkem.KeySize] : EphemeralKey.Span);
        writer.Bytes(Dek.IsEmpty ? new byte[Mkem.DekSize] : Dek.Span);
        writer.Bytes(Ticket.IsEmpty ? new byte[TicketSize] : Ticket.Span);
        writer.Prefixed(Body.Span);
        return bytes;
    }

    /// <summary>Reads a message; null for anything else.</summary>
    public static ReplicaCommand? TryParse(PigeonholeGeometry geometry, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (bytes.Length != geometry.CommandSize)
        {
            return null;
        }
        WireReader reader = new(bytes);
        ReplicaCommandKind kind = (ReplicaCommandKind)reader.Byte();
        ReadOnlyMemory<byte> from = reader.Bytes(NodeId.Size);
        long epoch = reader.Int64();
        ReadOnlyMemory<byte> tag = reader.Bytes(Bytes32.Size);
        byte index = reader.Byte();
        ReadOnlyMemory<byte> key = reader.Bytes(Mkem.KeySize), dek = reader.Bytes(Mkem.DekSize), ticket = reader.Bytes(TicketSize);
        ReadOnlyMemory<byte> body = reader.Prefixed();
        bool bodyFits = kind switch
        {
            ReplicaCommandKind.Envelope or ReplicaCommandKind.Proxied => body.Length == geometry.SealedInnerSize,
            ReplicaCommandKind.ProxyAnswer => body.Length == geometry.SealedReplySize,
            ReplicaCommandKind.Replicate => body.Length >= BoxId.Size,
            ReplicaCommandKind.Decoy or ReplicaCommandKind.DecoyReply => body.Length == 0,
            _ => false,
        };
        return reader.EndsInZeros && bodyFits && index <= 1
            ? new ReplicaCommand(kind, new NodeId(from.Span), epoch, new Bytes32(tag.Span), index, key, dek, ticket, body)
            : null;
    }
}
