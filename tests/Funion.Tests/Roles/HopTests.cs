using Funion.Contracts;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;
using Funion.Tests.Sphinx;

namespace Funion.Tests.Roles;

/// <summary>What a mix does with one packet: once, late, shuffled, whatever is delivered twice or cut off.</summary>
public sealed class HopTests
{
    readonly VirtualTime _time = new();
    static readonly SphinxRoute s_route = new(new SphinxGeometry(100), 6);

    readonly MemoryBoxStore _store = new();
    readonly MemoryPacketQueue _queue;
    readonly HopCounters _counters = new();
    readonly List<byte[]> _sent = [];

    public HopTests() => _queue = new MemoryPacketQueue(_time);

    [Fact]
    public async Task A_redelivery_is_finished_and_a_replay_is_dropped()
    {
        byte[] packet = Packet();
        MixRole mix = Mix();
        Delivery first = new(QueueNames.MixIn, "1", "r", packet, 1);
        Assert.Equal(GateOutcome.Opened, await Runner().RunAsync(mix.Receive(first), default));
        Assert.Equal(GateOutcome.Reopened, await Runner().RunAsync(mix.Receive(first with { Attempt = 2, Receipt = "s" }), default));
        Assert.Equal(2, await _queue.CountAsync(QueueNames.MixOut, default));
        Assert.Equal(GateOutcome.Closed, await Runner().RunAsync(mix.Receive(first with { Id = "2" }), default));
        Assert.Equal(2, await _queue.CountAsync(QueueNames.MixOut, default));
        Assert.Equal(1, _counters.Replayed);
    }

    [Fact]
    public async Task The_store_keeps_no_delivery_id()
    {
        await Runner().RunAsync(Mix().Receive(new Delivery(QueueNames.MixIn, "broker-id-17", "r", Packet(), 1)), default);
        await foreach (string name in _store.ListAsync(SphinxHop.TagShelf, SphinxRoute.Epoch, "", default))
        {
            StoredValue value = (await _store.GetAsync(new StoreKey(SphinxHop.TagShelf, SphinxRoute.Epoch, name), default))!;
            Assert.Equal(-1, value.Value.Span.IndexOf("broker-id-17"u8));
            Assert.Equal(32, value.Value.Length);
            return;
        }
        Assert.Fail("no tag was kept");
    }

    [Fact]
    public void A_next_hop_of_the_wrong_layer_and_an_absurd_delay_are_refused()
    {
        Assert.Null(GateOf(Mix(mayFollow: false)));
        Assert.Null(GateOf(Mix(longest: TimeSpan.FromMilliseconds(99))));
        Assert.NotNull(GateOf(Mix(longest: TimeSpan.FromMilliseconds(100))));
        Assert.Equal(2, _counters.Refused);
    }

    [Fact]
    public async Task The_order_out_does_not_depend_on_the_order_in()
    {
        // Forty packets that are due together leave in an order that a seed of the mix decides, at any load.
        HashSet<string> orders = [];
        byte[][] packets = [.. Enumerable.Range(0, 40).Select(_ => Packet())];
        for (int seed = 0; seed < 5; seed++)
        {
            HopTests run = new();
            await run.PumpAllAsync(run.Mix(), packets, seed, TimeSpan.FromSeconds(1));
            Assert.Equal(40, run._sent.Count);
            orders.Add(string.Join(' ', run._sent.Select(sent => Convert.ToHexString(sent.AsSpan(2, 4)))));
        }
        Assert.Equal(5, orders.Count);
    }

    [Fact]
    public async Task What_is_overdue_past_the_slack_is_dropped_and_counted()
    {
        await PumpAllAsync(Mix(), [Packet(), Packet()], seed: 1, TimeSpan.FromMinutes(5));
        Assert.Empty(_sent);
        Assert.Equal(2, _counters.Late);
    }

    [Fact]
    public async Task Cut_off_at_any_operation_a_packet_still_leaves_and_leaves_nothing_behind()
    {
        byte[] packet = Packet();
        long operations = await RunWithFaultAsync(packet, 0, default);
        Assert.True(operations >= 6, $"{operations} operations");
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            for (long operation = 1; operation <= operations; operation++)
            {
                await RunWithFaultAsync(packet, operation, fault);
            }
        }
    }

    /// <summary>Runs a packet through a mix whose ports strike at one operation, restarting it until nothing is left; gives the operations of the first life.</summary>
    static async Task<long> RunWithFaultAsync(byte[] packet, long operation, Fault fault)
    {
        HopTests run = new();
        FaultPlan plan = new();
        FaultyBoxStore store = new(run._store, plan);
        FaultyPacketQueue queue = new(run._queue, plan);
        await run._queue.EnqueueAsync(QueueNames.MixIn, packet, TimeSpan.Zero, default);
        if (operation > 0)
        {
            plan.Strike(operation, fault);
        }
        long first = 0;
        for (int life = 0; life < 6; life++)
        {
            NodePump pump = run.Pump(run.Mix(), store, queue, seed: 1);
            try
            {
                await pump.StepAsync(default);
                run._time.Advance(TimeSpan.FromSeconds(1));
                await pump.StepAsync(default);
            }
            catch (CrashException)
            {
                plan.Restart();
            }
            first = life == 0 ? plan.Operations : first;
            run._time.Advance(TimeSpan.FromSeconds(4));
        }
        // Perhaps more than once, and then byte for byte the same: a replay to the next hop, which drops it.
        Assert.InRange(run._sent.Count, 1, 3);
        Assert.Single(run._sent.Select(Convert.ToHexString).Distinct());
        Assert.Equal(0, await run._queue.CountAsync(QueueNames.MixIn, default) + await run._queue.CountAsync(QueueNames.MixOut, default));
        return first;
    }

    async Task PumpAllAsync(MixRole mix, byte[][] packets, int seed, TimeSpan pause)
    {
        NodePump pump = Pump(mix, _store, _queue, seed);
        foreach (byte[] packet in packets)
        {
            await _queue.EnqueueAsync(QueueNames.MixIn, packet, TimeSpan.Zero, default);
        }
        await pump.StepAsync(default);
        Assert.Empty(_sent);
        _time.Advance(pause);
        await pump.StepAsync(default);
    }

    static Gate? GateOf(MixRole mix) => mix.Receive(new Delivery(QueueNames.MixIn, "1", "r", Packet(), 1)).Gate;

    static byte[] Packet() => s_route.Packet(5, s_route.RandomPayload());

    MixRole Mix(bool mayFollow = true, TimeSpan? longest = null)
    {
        HopKey key = s_route[0];
        HopKeyring keys = new([key with { PrivateKey = new SecretBytes(key.PrivateKey.Span) }]);
        SphinxHop hop = new(
            s_route.Geometry, keys, QueueNames.MixOut, _ => mayFollow, longest ?? TimeSpan.FromMinutes(1), _time, _counters);
        return new MixRole(hop, _ => QueueNames.MixIn, _counters);
    }

    EffectRunner Runner(BoxStore? store = null, PacketQueue? queue = null) => new(store ?? _store, queue ?? _queue, (_, _, message, _) =>
    {
        _sent.Add(message.ToArray());
        return ValueTask.CompletedTask;
    });

    NodePump Pump(MixRole mix, BoxStore store, PacketQueue queue, int seed) => new(
        queue, Runner(store, queue),
        [
            new QueueHandler(QueueNames.MixIn, (delivery, _) => ValueTask.FromResult(mix.Receive(delivery))),
            new QueueHandler(
                QueueNames.MixOut, mix.ReleaseAsync, delivery => HeldPacket.DueOf(delivery.Message.Span),
                TimeSpan.FromSeconds(30)),
        ],
        new PumpOptions { Lease = TimeSpan.FromSeconds(3) }, new Simulation.SeededRandom(seed), _time, _counters);
}
