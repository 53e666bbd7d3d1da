using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// The part that every hop has in common: peel a layer, remember the replay tag, hold the packet on this hop's own queue until its delay is over.
/// What happens then is the role's: a mix forwards, a gateway also fills mailboxes, a service answers. The service's delay too comes before it
/// acts, or its activity would tell when the packet arrived.
/// </summary>
/// <param name="geometry">The network's.</param>
/// <param name="keys">The hop's keys.</param>
/// <param name="outQueue">This hop's own queue of held packets.</param>
/// <param name="mayFollow">Whether a node may be the next hop after this one: the layers of the network document.</param>
/// <param name="longestDelay">More than any honest author draws; a packet that asks for more is refused, or it could be parked for weeks.</param>
/// <param name="time">Clock.</param>
/// <param name="counters">Totals.</param>
public sealed class SphinxHop(
    SphinxGeometry geometry, HopKeyring keys, string outQueue, Func<Network.NodeId, bool> mayFollow, TimeSpan longestDelay, TimeProvider time,
    HopCounters counters)
{
    /// <summary>Shelf of the replay tags; deleted with the epoch's key and not before.</summary>
    public const string TagShelf = "tags";

    /// <summary>The geometry this hop accepts.</summary>
    public SphinxGeometry Geometry => geometry;

    /// <summary>
    /// Peels one packet as it was delivered. Redelivery is not replay: the gate maps the tag to a MAC of the delivery id, so the same delivery
    /// finishes its work and any other is dropped.
    /// </summary>
    public Work Peel(Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        // One buffer for the packet, its peeling and its rest on this hop's own queue.
        byte[] message = HeldPacket.Around(delivery.Message.Span);
        Unwrapped layer = SphinxUnwrap.Unwrap(geometry, keys.Find, HeldPacket.PacketIn(message));
        TimeSpan delay = TimeSpan.FromMilliseconds(layer.DelayMilliseconds);
        if (delay > longestDelay || (layer.Outcome == UnwrapOutcome.Forward && !mayFollow(layer.NextHop))
            || !HeldPacket.TryHold(message, layer, time.GetUtcNow() + delay))
        {
            counters.CountRefused();
            return Work.None;
        }
        Gate gate = new(
            new StoreKey(TagShelf, layer.Epoch, layer.ReplayTag.ToString()), keys.DeliveryMac(layer.Epoch, delivery.Id));
        Effect hold = new Effect.Enqueue(outQueue, message, delay);
        return new Work(gate, outcome =>
        {
            if (outcome is GateOutcome.Opened or GateOutcome.Reopened)
            {
                return [hold];
            }
            counters.CountReplayed();
            return [];
        });
    }
}
