using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Funion.Client;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A mix's or a gateway's own loops: at each slot a packet like any other, through the layers after this one to a service and by its SURB back to this
/// node. They are cover, and what does not come back was lost or destroyed on the way. Those under way lie in the store, so that they are found by
/// whichever process the reply meets; what opens the reply lies there sealed, for whoever has it knows the loop from other packets.
/// <code>
/// left i64 BE ‖ counts as late i64 BE ‖ counts as lost i64 BE (ms since 1970) ‖ sealed secrets of the reply block
/// </code>
/// References: Echomix, section 3.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="document">The network.</param>
/// <param name="store">Loops under way, by the epoch in which they left.</param>
/// <param name="atRest">Seals the secrets of reply blocks, by network epoch: gone with the epoch's key. The caller's to dispose.</param>
/// <param name="random">Draws of paths and delays.</param>
/// <param name="time">Clock.</param>
/// <param name="counters">Totals.</param>
/// <param name="admission">Told whether loops come back in time; null: nobody is.</param>
/// <param name="poll">How long a healthy hop may take to look at its queue.</param>
public sealed class LoopRole(
    NodeDescriptor self, NetworkDocument document, BoxStore store, IReadOnlyDictionary<long, SecretBytes> atRest, RandomSource random, TimeProvider time, LoopCounters counters,
    Admission? admission = null, TimeSpan poll = default)
{
    /// <summary>Shelf of the loops under way, by SURB id.</summary>
    public const string Shelf = "loops";

    const int Times = 3 * sizeof(long);

    /// <summary>As much as a client bears beyond the delays that it told a packet.</summary>
    static readonly TimeSpan s_slop = TimeSpan.FromSeconds(5);

    readonly SphinxGeometry _geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
    readonly PathSelection _paths = new(document, self, random);
    readonly DecoyDestinations _decoys = new(document);
    // Of this process: when each left, and by when it is back in time.
    readonly ConcurrentDictionary<StoreKey, (DateTimeOffset Left, DateTimeOffset By)> _underWay = new();
    DateTimeOffset _judged = DateTimeOffset.MinValue;
    readonly DateTimeOffset _began = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>How long after the sum of its delays a loop counts as lost.</summary>
    TimeSpan Allowance => document.Slack + (4 * document.Rates.MeanDelay);

    /// <summary>Sends a loop, and looks which of those before are lost.</summary>
    public async ValueTask<Work> SendAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        await JudgeAsync(now, cancellation);
        return Send(now);
    }

    Work Send(DateTimeOffset now)
    {
        long epoch = document.EpochAt(now);
        if (!self.TryGetKey(epoch, out _) || !atRest.ContainsKey(epoch))
        {
            // The document has run out.
            return Work.None;
        }
        ServiceAddress service = _decoys.Draw(random);
        PathHop[] forward = _paths.From(self, service.Node, epoch), back = _paths.BackTo(self, epoch);
        byte[] surb = Surb.Create(_geometry, back, default, out SurbSecret secret);
        byte[] packet = SphinxPacket.Build(_geometry, forward, service.Recipient, surb, new byte[_geometry.UserPayload]);
        StoreKey key = Key(epoch, secret.Id);
        DateTimeOffset due = now + PathSelection.DelayOf(forward) + PathSelection.DelayOf(back);
        byte[] value = Record(now, due, key, secret);
        if (admission is not null)
        {
            _underWay[key] = (now, due + admission.Allowance + (2 * document.Geometry.Hops * poll));
        }
        secret.Dispose();
        counters.CountSent();
        // Cover goes on when nothing can be remembered of it.
        return Work.Of(new Effect.Put(key, value, IfRoom: true), new Effect.Send(forward[0].Node, document.Inbound(forward[0].Node)!, packet));
    }

    async ValueTask JudgeAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (now - _judged > document.Slack + (10 * Rates.Mean(document.Rates.GatewayLoopPerKilosecond)))
        {
            // This process stood still: what is not back yet was perhaps only not looked at.
            _underWay.Clear();
        }
        _judged = now;
        foreach (StoreKey key in _underWay.Where(loop => loop.Value.By < now).Select(loop => loop.Key))
        {
            // One that came back to another process is not there any more.
            bool inTime = await store.GetAsync(key, cancellation) is null;
            if (_underWay.TryRemove(key, out (DateTimeOffset Left, DateTimeOffset By) loop))
            {
                admission?.Judge(inTime, loop.Left);
            }
        }
    }

    /// <summary>A reply to this node itself. One that does not open was changed on its way, and is no loop that came back.</summary>
    public async ValueTask<Work> ReturnAsync(SurbId id, ReadOnlyMemory<byte> reply, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now);
        for (long at = epoch; at >= epoch - 1; at--)
        {
            StoreKey key = Key(at, id);
            if (await store.GetAsync(key, cancellation) is { } loop)
            {
                Count(key, id, loop.Value.Span, reply, now);
                return Work.Of(new Effect.Delete(key));
            }
        }
        return Work.None;
    }

    void Count(StoreKey key, SurbId id, ReadOnlySpan<byte> loop, ReadOnlyMemory<byte> reply, DateTimeOffset now)
    {
        if (loop.Length <= Times)
        {
            return;
        }
        byte[]? secrets = atRest.TryGetValue(key.Epoch, out SecretBytes? seal) ? SealedAtRest.TryOpen(seal.Span, key, loop[Times..]) : null;
        using SurbSecret? secret = secrets is null ? null : SurbSecret.TryParse(_geometry, id, secrets);
        CryptographicOperations.ZeroMemory(secrets);
        if (secret?.TryOpen(reply.ToArray()) != true)
        {
            counters.CountDamaged();
            Judge(key, DateTimeOffset.MaxValue);
            return;
        }
        counters.CountReturned(now > At(loop, 1));
        Judge(key, now);
    }

    void Judge(StoreKey key, DateTimeOffset back)
    {
        if (_underWay.TryRemove(key, out (DateTimeOffset Left, DateTimeOffset By) loop))
        {
            admission?.Judge(back <= loop.By, loop.Left);
        }
    }

    byte[] Record(DateTimeOffset now, DateTimeOffset due, StoreKey key, SurbSecret secret)
    {
        byte[] secrets = secret.ToBytes(), sealedSecrets = SealedAtRest.Seal(atRest[key.Epoch].Span, key, secrets), value = new byte[Times + sealedSecrets.Length];
        CryptographicOperations.ZeroMemory(secrets);
        DateTimeOffset late = due + s_slop + (4 * document.Rates.MeanDelay) + (2 * document.Geometry.Hops * poll);
        BinaryPrimitives.WriteInt64BigEndian(value, now.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(sizeof(long)), late.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(2 * sizeof(long)), (due + Allowance).ToUnixTimeMilliseconds());
        sealedSecrets.CopyTo(value, Times);
        return value;
    }

    static DateTimeOffset At(ReadOnlySpan<byte> loop, int which) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(loop[(which * sizeof(long))..]));

    /// <summary>What became of this process's loops. A loop of the one before may have met a node that was down, and is not counted.</summary>
    public async ValueTask<LoopReport> ReportAsync(CancellationToken cancellation) => Report(counters.Totals, await CountLostAsync(_began, cancellation));

    internal LoopReport Report(LoopTotals totals, long lost) =>
        new(self.Role, self.Layer, self.Index, totals.Sent, totals.Returned, lost, totals.Damaged, totals.Late);

    /// <summary>Loops of this epoch and the one before that left since a time and did not come back.</summary>
    internal async ValueTask<long> CountLostAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now), lost = 0;
        for (long at = epoch; at >= epoch - 1; at--)
        {
            await foreach (string name in store.ListAsync(Shelf, at, "", cancellation))
            {
                if (await store.GetAsync(new StoreKey(Shelf, at, name), cancellation) is { Value.Length: > Times } loop
                    && At(loop.Value.Span, 0) >= since && At(loop.Value.Span, 2) < now)
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
