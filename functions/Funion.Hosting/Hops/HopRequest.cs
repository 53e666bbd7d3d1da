using System.Buffers.Binary;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Sphinx;

namespace Funion.Hosting.Hops;

/// <summary>
/// One message from node to node between operators, as the body of <c>POST /v1/hop</c>:
/// <code>
/// sender id 32 ‖ receiver id 32 ‖ sent u64 BE (ms since 1970) ‖ message ‖ Ed25519 signature 64 of "funion-hop-v1\n" ‖ all before
/// </code>
/// It says who sent it and no more: the receiver's queue follows from both roles, and the size from the queue. Sent twice, or again by whoever saw it, it
/// is another delivery of the same packet, which the replay tags drop; between replicas and couriers every message is idempotent.
/// </summary>
public static class HopRequest
{
    /// <summary>How far apart the two clocks may be.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    const int Head = (2 * NodeId.Size) + sizeof(long);

    static ReadOnlySpan<byte> Context => "funion-hop-v1\n"u8;

    /// <summary>Bytes that a request is longer than its message.</summary>
    public const int Overhead = Head + Ed25519.SignatureSize;

    /// <summary>The largest body that a node of this network takes.</summary>
    public static int LargestBody(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        PigeonholeGeometry pigeonhole = new(document.Geometry.UserPayload);
        int packet = new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops).PacketSize;
        return Overhead + Math.Max(packet, Math.Max(pigeonhole.CommandSize, pigeonhole.CourierReplySize));
    }

    /// <summary>Builds the body.</summary>
    /// <param name="sender">This node's id.</param>
    /// <param name="sign">Its signature of a message.</param>
    /// <param name="receiver">The other node.</param>
    /// <param name="message">What it is sent.</param>
    /// <param name="now">The time.</param>
    public static byte[] Build(NodeId sender, NodeSigner sign, NodeId receiver, ReadOnlySpan<byte> message, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(sign);
        byte[] signed = new byte[Context.Length + Head + message.Length + Ed25519.SignatureSize];
        Context.CopyTo(signed);
        Span<byte> body = signed.AsSpan(Context.Length);
        sender.AsSpan().CopyTo(body);
        receiver.AsSpan().CopyTo(body[NodeId.Size..]);
        BinaryPrimitives.WriteInt64BigEndian(body[(2 * NodeId.Size)..], now.ToUnixTimeMilliseconds());
        message.CopyTo(body[Head..]);
        sign(signed.AsSpan(..^Ed25519.SignatureSize), signed.AsSpan(^Ed25519.SignatureSize..));
        return signed[Context.Length..];
    }

    /// <summary>Judges a body that came to <paramref name="self"/>; nothing of it is used unless the outcome is <see cref="HopOutcome.Taken"/>.</summary>
    /// <param name="document">The network.</param>
    /// <param name="self">This node.</param>
    /// <param name="verify">Verifies a signature.</param>
    /// <param name="body">Hostile.</param>
    /// <param name="now">The time.</param>
    /// <param name="queue">The queue on which the message belongs.</param>
    /// <param name="message">The message.</param>
    public static HopOutcome Open(
        NetworkDocument document, NodeDescriptor self, NodeVerifier verify, ReadOnlyMemory<byte> body, DateTimeOffset now, out string queue,
        out ReadOnlyMemory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(verify);
        queue = "";
        message = default;
        if (body.Length <= Overhead)
        {
            return HopOutcome.Malformed;
        }
        ReadOnlySpan<byte> bytes = body.Span;
        if (!bytes.Slice(NodeId.Size, NodeId.Size).SequenceEqual(self.Id.AsSpan()))
        {
            return HopOutcome.Misdirected;
        }
        if (document.Node(new NodeId(bytes[..NodeId.Size])) is not { } sender || HopTopology.QueueFor(document, sender, self) is not { } found)
        {
            return HopOutcome.NotAPeer;
        }
        if (body.Length - Overhead != HopTopology.MessageSize(document, found))
        {
            return HopOutcome.Malformed;
        }
        long sent = BinaryPrimitives.ReadInt64BigEndian(bytes[(2 * NodeId.Size)..]), at = now.ToUnixTimeMilliseconds();
        long tolerance = (long)Tolerance.TotalMilliseconds;
        if (sent < at - tolerance || sent > at + tolerance)
        {
            return HopOutcome.WrongTime;
        }
        byte[] signed = new byte[Context.Length + body.Length - Ed25519.SignatureSize];
        Context.CopyTo(signed);
        bytes[..^Ed25519.SignatureSize].CopyTo(signed.AsSpan(Context.Length));
        if (!verify(sender.IdentityKey, signed, bytes[^Ed25519.SignatureSize..]))
        {
            return HopOutcome.SignatureInvalid;
        }
        ReadOnlyMemory<byte> content = body[Head..^Ed25519.SignatureSize];
        // A command says who it is from, and where its reply goes: to whoever signed, or one peer could steer another's link.
        if (found == QueueNames.ReplicaIn
            && (ReplicaCommand.TryParse(new PigeonholeGeometry(document.Geometry.UserPayload), content) is not { } command || command.From != sender.Id))
        {
            return HopOutcome.NotAPeer;
        }
        queue = found;
        message = content;
        return HopOutcome.Taken;
    }
}
