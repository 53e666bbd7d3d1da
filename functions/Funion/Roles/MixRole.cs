using Funion.Network;

namespace Funion.Roles;

/// <summary>A mix: peels, holds, forwards. It delivers nothing and answers nothing; only its own loops end here.</summary>
/// <param name="hop">The common part.</param>
/// <param name="inbound">The queue on which a node takes packets.</param>
/// <param name="counters">Totals.</param>
/// <param name="loops">Its own loops, if it sends any.</param>
public sealed class MixRole(SphinxHop hop, Func<NodeId, string?> inbound, HopCounters counters, LoopRole? loops = null)
{
    /// <summary>Takes a packet from <c>mix-in</c>.</summary>
    public Work Receive(Delivery delivery) => hop.Peel(delivery);

    /// <summary>Forwards a held packet that is due. Sent twice after a crash, it is a replay to the next hop, which drops the second.</summary>
    public async ValueTask<Work> ReleaseAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return HeldPacket.TryParse(hop.Geometry, delivery.Message) switch
        {
            { Kind: HeldKind.Forward } held => Forward(held, inbound, counters),
            { Kind: HeldKind.Reply } reply when loops is not null => await loops.ReturnAsync(reply.SurbId, reply.Body, cancellation),
            _ => Refuse(),
        };
    }

    internal static Work Forward(HeldPacket held, Func<NodeId, string?> inbound, HopCounters counters)
    {
        if (inbound(held.NextHop) is not { } queue)
        {
            counters.CountRefused();
            return Work.None;
        }
        counters.CountForwarded();
        return Work.Of(new Effect.Send(held.NextHop, queue, held.Body));
    }

    Work Refuse()
    {
        counters.CountRefused();
        return Work.None;
    }
}
