using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// The links courier–replica and replica–replica. What a node has to say to a peer waits on a queue of its own for that peer; a slot takes the first of
/// it, or makes a decoy of the same size. Every command, decoys too, gets exactly one reply after a uniform delay up to 1/λR: what is ready for that
/// peer, or a decoy. So when and how often anything travels follows from the document and from chance, never from what is asked.
/// References: Echomix, sections 5.3 and 5.4.
/// </summary>
/// <param name="document">The network.</param>
/// <param name="queue">The node's queues.</param>
public sealed class PacedLinks(NetworkDocument document, PacketQueue queue)
{
    static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);

    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);

    /// <summary>Says something to a replica at a slot of this node's link.</summary>
    public static Effect Say(NodeDescriptor replica, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(replica);
        return new Effect.Enqueue(QueueNames.Link(replica), command, TimeSpan.Zero);
    }

    /// <summary>Says something to whoever sends commands here, in place of a decoy reply, after a while.</summary>
    public static Effect Answer(NodeDescriptor peer, ReadOnlyMemory<byte> reply, TimeSpan after = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return new Effect.Enqueue(QueueNames.Answers(peer), reply, after);
    }

    /// <summary>A draw of how long a command to another replica and its reply take: a slot, and a reply's delay.</summary>
    public static TimeSpan RoundTrip(NetworkDocument document, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(random);
        TimeSpan mean = Rates.Mean(document.Rates.LinkPerKilosecond);
        return random.Exponential(mean) + (mean * random.NextDouble());
    }

    /// <summary>Takes a token whose time has come.</summary>
    public async ValueTask<Work> TakeAsync(SlotToken token, CancellationToken cancellation)
    {
        if (document.Node(token.Peer) is not { } peer)
        {
            return Work.None;
        }
        bool reply = token.Kind == SlotKind.Reply;
        IReadOnlyList<Delivery> waiting = await queue.ReceiveAsync(reply ? QueueNames.Answers(peer) : QueueNames.Link(peer), 1, s_lease, cancellation);
        string inbound = peer.Role == NodeRole.Courier ? QueueNames.CourierReplies : QueueNames.ReplicaIn;
        return waiting is [Delivery first]
            ? Work.Of(new Effect.Send(peer.Id, inbound, first.Message), new Effect.Complete(first))
            : Work.Of(new Effect.Send(peer.Id, inbound, Decoy(peer, reply)));
    }

    byte[] Decoy(NodeDescriptor peer, bool reply) => peer.Role == NodeRole.Courier
        ? CourierInbound.Decoy(_geometry)
        : ReplicaCommand.Decoy(_geometry, Self, reply ? ReplicaCommandKind.DecoyReply : ReplicaCommandKind.Decoy);

    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }
}
