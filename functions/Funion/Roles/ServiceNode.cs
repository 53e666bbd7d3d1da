using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A service hop: peels, waits its delay, hands the payload to the endpoint it names. Every service answers loop decoys too, so decoys end where
/// real traffic ends.
/// </summary>
/// <param name="hop">The common part.</param>
/// <param name="endpoints">What answers which recipient at this node, apart from loops.</param>
/// <param name="inbound">The queue on which a node takes packets.</param>
/// <param name="counters">Totals.</param>
public sealed class ServiceNode(
    SphinxHop hop, IReadOnlyDictionary<RecipientId, Func<ServiceRequest, CancellationToken, ValueTask<Work>>> endpoints,
    Func<NodeId, string?> inbound, HopCounters counters)
{
    /// <summary>Takes a packet from the service's inbound queue.</summary>
    public Work Receive(Delivery delivery) => hop.Peel(delivery);

    /// <summary>Hands a held request that is due to its endpoint.</summary>
    public ValueTask<Work> ReleaseAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        HeldPacket? held = HeldPacket.TryParse(hop.Geometry, delivery.Message);
        if (held is not { Kind: HeldKind.Deliver })
        {
            counters.CountRefused();
            return ValueTask.FromResult(Work.None);
        }
        ServiceRequest request = held.ToRequest(hop.Geometry);
        counters.CountDelivered();
        if (endpoints.TryGetValue(request.Recipient, out Func<ServiceRequest, CancellationToken, ValueTask<Work>>? endpoint))
        {
            return endpoint(request, cancellation);
        }
        // A loop, or an endpoint that is not here: the same empty answer, so that a probe learns nothing and every SURB is used.
        Effect? answer = SurbAnswer.TryBuild(hop.Geometry, request, new byte[hop.Geometry.ReplyPayloadSize], inbound);
        return ValueTask.FromResult(answer is null ? Work.None : Work.Of(answer));
    }
}
