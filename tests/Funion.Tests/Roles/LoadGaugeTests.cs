using Funion.Cli.Benches;
using Funion.Cli.LocalNetwork;
using Funion.Contracts;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tests.Simulation;

namespace Funion.Tests.Roles;

/// <summary>A gateway turns packets away before a mix would have to drop them, and takes all again when the network has caught up.</summary>
public sealed class LoadGaugeTests
{
    static readonly TimeSpan s_slack = TimeSpan.FromSeconds(20);

    readonly VirtualTime _time = new();
    readonly Funion.Contracts.SeededRandom _random = new(1);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(5, 0, 0)]
    [InlineData(7.5, 450, 550)]
    [InlineData(10, 1_000, 1_000)]
    [InlineData(3_600, 1_000, 1_000)]
    public void What_is_turned_away_grows_from_nothing_at_a_quarter_of_the_slack_to_all_at_half(double late, int least, int most)
    {
        LoadGauge gauge = new(s_slack, _time);
        gauge.Report(TimeSpan.FromSeconds(late));
        Assert.InRange(Enumerable.Range(0, 1_000).Count(_ => gauge.Sheds(_random)), least, most);
    }

    [Fact]
    public void It_opens_again_when_nothing_late_is_reported()
    {
        LoadGauge gauge = new(s_slack, _time);
        gauge.Report(s_slack);
        // Less does not hide more.
        gauge.Report(TimeSpan.Zero);
        Assert.True(gauge.Sheds(_random));
        Assert.Equal(1, gauge.Shed);
        // Never more than what closes it: then half of that a quarter of the slack later.
        Assert.Equal(s_slack / 2, gauge.Lateness);
        _time.Advance(s_slack / 4);
        Assert.Equal(s_slack / 4, gauge.Lateness);
        Assert.False(gauge.Sheds(_random));
    }

    [Fact]
    public async Task What_lay_longer_than_a_queue_s_patience_is_dropped_and_counted()
    {
        MemoryPacketQueue queue = new(_time);
        HopCounters counters = new();
        List<byte> handled = [];
        QueueHandler handler = new("in", (delivery, _) =>
        {
            handled.Add(delivery.Message.Span[0]);
            return ValueTask.FromResult(Work.None);
        })
        {
            Patience = s_slack,
        };
        NodePump pump = new(
            queue, new EffectRunner(new MemoryBoxStore(), queue, (_, _, _, _) => default), [handler], new PumpOptions(), _random, _time, counters);
        await queue.EnqueueAsync("in", new byte[] { 1 }, TimeSpan.Zero, default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await queue.EnqueueAsync("in", new byte[] { 2 }, TimeSpan.Zero, default);
        _time.Advance(s_slack);
        await pump.StepAsync(default);
        Assert.Equal([2], handled);
        Assert.Equal(1, counters.Late);
        Assert.Equal(0, await queue.CountAsync("in", default));
    }

    [Fact]
    public async Task A_pump_reports_what_became_overdue_in_its_own_time_only()
    {
        MemoryPacketQueue queue = new(_time);
        LoadGauge gauge = new(s_slack, _time);
        DateTimeOffset before = _time.GetUtcNow();
        await queue.EnqueueAsync("held", new byte[] { 1 }, TimeSpan.Zero, default);
        _time.Advance(TimeSpan.FromMinutes(1));
        NodePump pump = new(
            queue, new EffectRunner(new MemoryBoxStore(), queue, (_, _, _, _) => default),
            [new QueueHandler("held", (_, _) => ValueTask.FromResult(Work.None), delivery => before + TimeSpan.FromSeconds(delivery.Message.Span[0]), s_slack)],
            new PumpOptions { Gauge = gauge }, _random, _time, new HopCounters());
        await pump.StepAsync(default);
        Assert.Equal(TimeSpan.Zero, gauge.Lateness);
        // Due five seconds after the pump began, looked at twelve seconds after.
        await queue.EnqueueAsync("held", new byte[] { 65 }, TimeSpan.Zero, default);
        _time.Advance(TimeSpan.FromSeconds(12));
        await pump.StepAsync(default);
        Assert.Equal(TimeSpan.FromSeconds(7), gauge.Lateness);
    }

    [Fact]
    public void A_layer_that_falls_behind_closes_the_gateway_before_it_drops_a_packet_and_nothing_is_lost()
    {
        // The layer can carry what there is, 128 packets at a time, and is late with it: compute's own slots, which no gateway holds back, are few.
        LocalNetworkOptions options = new() { UserPayload = 2_000, Rates = new Rates { ClientPerKilosecond = 2_000, ComputePerKilosecond = 2_000 } };
        using SimulatedNetwork network = new(options, dummies: false);
        network.Run.For(TimeSpan.FromSeconds(30));
        Assert.Equal((0, 0), Count(network));
        // The second layer looks at its queues every 12 seconds; 30 are the slack.
        HashSet<NodePump> second = [.. network.Network.Nodes.Where(node => node.Descriptor is { Role: NodeRole.Mix, Layer: 2 }).Select(node => node.Pump)];
        Assert.NotEmpty(second);
        VirtualRun slow = new(network.Time);
        slow.Add(network.Network.Actors.Select(actor => actor is NodePump pump && second.Contains(pump)
            ? new Slowed(actor, TimeSpan.FromSeconds(12), network.Time)
            : actor));
        slow.Add(network.Mixnet);
        slow.For(TimeSpan.FromMinutes(4));
        (long late, long shed) = Count(network);
        Assert.Equal(0, late);
        Assert.InRange(shed, 20, long.MaxValue);
        // What was turned away is still the client's to send: when the layer has caught up, all goes through.
        Task<Funion.Bacap.WriteCapability> put = network.Client.PutAsync(new byte[3_000]);
        network.Run.Until(() => put.IsCompleted, TimeSpan.FromMinutes(10));
        Assert.True(put.IsCompletedSuccessfully);
    }

    static (long Late, long Shed) Count(SimulatedNetwork network) =>
        (network.Network.Nodes.Sum(node => node.Counters.Late), network.Network.Nodes.Sum(node => (node.Gauge?.Shed + node.Admission?.Refused) ?? 0));

    /// <summary>A process that gets to run every so often only.</summary>
    sealed class Slowed(Actor inner, TimeSpan period, TimeProvider time) : Actor
    {
        DateTimeOffset _next = DateTimeOffset.MinValue;

        public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
        {
            if (time.GetUtcNow() >= _next)
            {
                await inner.StepAsync(cancellation);
                _next = time.GetUtcNow() + period;
            }
            return _next;
        }
    }
}
