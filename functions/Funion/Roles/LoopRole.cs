using System.Buffers.Binary;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A mix's or a gateway's own loops: at each slot a packet like any other, through the layers after this one to a service and by its SURB back to this
/// node. They are cover, and what does not come back was lost or destroyed on the way. Those under way lie in the store, so that they are found by
/// whichever process the reply meets.
/// References: Echomix, section 3.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="document">The network.</param>
/// <param name="store">Loops under way, by the epoch in which they left.</param>
/// <param name="random">Draws of paths and delays.</param>
/// <param name="time">Clock.</param>
/// <param name="counters">Totals.</param>
/// <param name="gauge">Told how late a hop is whom loops pass; null: nobody is.</param>
/// <param name="poll">How long a healthy hop may take to look at its queue.</param>
public sealed class LoopRole(
    NodeDescriptor self, NetworkDocument document, BoxStore store, RandomSource random, TimeProvider time, LoopCounters counters,
    LoadGauge? gauge = null, TimeSpan poll = default)
{
    /// <summary>Shelf of the loops under way: SURB id to when the loop left and when it counts as lost.</summary>
    public const string Shelf = "loops";

    readonly SphinxGeometry _geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
    readonly PathSelection _paths = new(document, self, random);
    readonly DecoyDestinations _decoys = new(document);
    readonly DateTimeOffset _began = time.GetUtcNow();

    /// <summary>How long after the sum of its delays a loop counts as lost.</summary>
    TimeSpan Allowance => document.Slack + (4 * document.Rates.MeanDelay);

    /// <summary>Sends a loop.</summary>
    public Work Send()
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now);
        if (!self.TryGetKey(epoch, out _))
        {
            // The document has run out.
            return Work.None;
        }
        ServiceAddress service = _decoys.Draw(random);
        PathHop[] forward = _paths.From(self, service.Node, epoch), back = _paths.BackTo(self, epoch);
        byte[] surb = Surb.Create(_geometry, back, default, out SurbSecret secret);
        byte[] packet = SphinxPacket.Build(_geometry, forward, service.Recipient, surb, new byte[_geometry.UserPayload]);
        DateTimeOffset lost = now + PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + Allowance;
        StoreKey key = Key(epoch, secret.Id);
        secret.Dispose();
        byte[] value = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, now.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(sizeof(long)), lost.ToUnixTimeMilliseconds());
        counters.CountSent();
        // Cover goes on when nothing can be remembered of it.
        return Work.Of(new Effect.Put(key, value, IfRoom: true), new Effect.Send(forward[0].Node, document.Inbound(forward[0].Node)!, packet));
    }

    /// <summary>A reply to this node itself.</summary>
    public async ValueTask<Work> ReturnAsync(SurbId id, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now);
        for (long at = epoch; at >= epoch - 1; at--)
        {
            if (await store.GetAsync(Key(at, id), cancellation) is { } times)
            {
                counters.CountReturned();
                if (times.Value.Length == 2 * sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(times.Value.Span) >= _began.ToUnixTimeMilliseconds())
                {
                    // One layer that is behind is passed twice, there and back.
                    DateTimeOffset lost = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(times.Value.Span[sizeof(long)..]));
                    gauge?.ReportLoop((now - (lost - Allowance) - (2 * document.Geometry.Hops * poll)) / 2);
                }
                return Work.Of(new Effect.Delete(Key(at, id)));
            }
        }
        return Work.None;
    }

    /// <summary>What became of this process's loops. A loop of the one before may have met a node that was down, and is not counted.</summary>
    public async ValueTask<LoopReport> ReportAsync(CancellationToken cancellation) =>
        Report(counters.Sent, counters.Returned, await CountLostAsync(_began, cancellation));

    internal LoopReport Report(long sent, long returned, long lost) => new(self.Role, self.Layer, self.Index, sent, returned, lost);

    /// <summary>Loops of this epoch and the one before that left since a time and did not come back.</summary>
    internal async ValueTask<long> CountLostAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now), lost = 0;
        for (long at = epoch; at >= epoch - 1; at--)
        {
            await foreach (string name in store.ListAsync(Shelf, at, "", cancellation))
            {
                if (await store.GetAsync(new StoreKey(Shelf, at, name), cancellation) is { Value.Length: 2 * sizeof(long) } times
                    && BinaryPrimitives.ReadInt64BigEndian(times.Value.Span) >= since.ToUnixTimeMilliseconds()
                    && BinaryPrimitives.ReadInt64BigEndian(times.Value.Span[sizeof(long)..]) < now.ToUnixTimeMilliseconds())
                {
                    lost++;
                }
            }
        }
        return lost;
    }

    static StoreKey Key(long epoch, SurbId id)
    {
        Span<byte> bytes = stackalloc byte[SurbId.Size];
        id.CopyTo(bytes);
        return new StoreKey(Shelf, epoch, Convert.ToHexStringLower(bytes));
    }
}
