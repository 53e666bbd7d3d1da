using Funion.Cli.Benches;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>
/// Four times as much as every mix can carry, for a minute: what comes through stays near what can, what is turned away is told, queues stay short, and when it is over
/// everybody is served again within seconds. The same clients past the gateway's admission bring the network to a stand.
/// </summary>
public sealed class OverloadTests
{
    const double MixPerSecond = 24;

    static readonly TimeSpan s_load = TimeSpan.FromSeconds(60), s_recovery = TimeSpan.FromSeconds(25);

    // Two mixes a layer, each passed there and back.
    const double Capacity = MixPerSecond;

    [Fact]
    public void At_four_times_the_capacity_most_of_it_is_served_and_all_are_again_soon_after()
    {
        Outcome shed = Run(shedding: true), control = Run(shedding: false);
        Assert.InRange(shed.Served, 0.6 * Capacity, Capacity);
        Assert.InRange(control.Served, 0, 0.2 * Capacity);
        // Nobody is unreachable, and nobody starves: the one client beside them all asks on.
        Assert.True(shed.TurnedAway > 1_000 && shed.Unreachable == 0);
        Assert.InRange(shed.Asked, 2, int.MaxValue);
        Assert.InRange(shed.Backlog, 1, control.Backlog / 3);
        Assert.True(shed.Recovered);
        Assert.False(control.Recovered);
    }

    static Outcome Run(bool shedding)
    {
        // Loops of the gateway are a twelfth of what the network carries here; of one a hundred times as large they would be a thousandth.
        LocalNetworkOptions options = new()
        {
            UserPayload = 1_000,
            Rates = new Rates { ClientPerKilosecond = 500, ClientLoopPerKilosecond = 250, ComputePerKilosecond = 4_000, GatewayLoopPerKilosecond = 2_000, MixLoopPerKilosecond = 0 },
        };
        List<LimitedQueue> mixes = [];
        Func<LocalPorts, string, LocalPorts> wrap = (ports, _) => ports;
        using SimulatedNetwork network = new(options, dummies: false, wrap: (ports, name) => wrap(ports, name));
        wrap = (ports, name) =>
        {
            if (!name.StartsWith("mix-", StringComparison.Ordinal))
            {
                return ports;
            }
            mixes.Add(new LimitedQueue(ports.Queue, QueueNames.MixIn, MixPerSecond, network.Time));
            return ports with { Queue = mixes[^1] };
        };
        network.Restart();
        LocalNode gateway = network.Network.Nodes.First(node => node.Gateway is not null);
        Counted usual = new(network, gateway, shedding), much = new(network, gateway, shedding);
        VirtualRun run = Drive(network, usual.Sends(network, 0.45 * Capacity));
        run.For(TimeSpan.FromSeconds(20));
        Assert.Equal(0, usual.TurnedAway);

        using MixnetClient load = much.Sends(network, 3.55 * Capacity);
        run = Drive(network, usual.Client!, load);
        int asked = 0;
        using CancellationTokenSource end = new();
        _ = AskAsync();
        run.For(s_load / 3);
        long before = usual.Served + much.Served, backlog = 0;
        for (int i = 0; i < 4; i++)
        {
            run.For(s_load / 6);
            backlog = Math.Max(backlog, mixes.Sum(mix => mix.CountAsync(QueueNames.MixIn, default).AsTask().Result));
        }
        double served = (usual.Served + much.Served - before) / (s_load * 2 / 3).TotalSeconds;
        end.Cancel();
        (long turnedAway, long unreachable) = (usual.TurnedAway + much.TurnedAway, usual.Unreachable + much.Unreachable);

        run = Drive(network, usual.Client!);
        run.For(s_recovery);
        (long refused, long answered) = (usual.TurnedAway, usual.Served);
        run.For(s_recovery);
        bool recovered = usual.TurnedAway == refused && usual.Served - answered > 0.35 * Capacity * s_recovery.TotalSeconds;
        usual.Client!.Dispose();
        return new Outcome(served, turnedAway, unreachable, asked, backlog, recovered);

        async Task AskAsync()
        {
            ServiceAddress service = new(network.Document.Couriers[0], ServiceNames.Loop);
            while (!end.IsCancellationRequested)
            {
                await network.Mixnet.RequestAsync(service, new byte[options.UserPayload], end.Token);
                asked++;
            }
        }
    }

    static VirtualRun Drive(SimulatedNetwork network, params MixnetClient[] clients)
    {
        VirtualRun run = new(network.Time);
        run.Add(network.Network.Actors);
        run.Add(network.Mixnet);
        run.Add(clients);
        return run;
    }

    /// <summary>What came of it: packets a second that came back in the last two thirds of the load, and the rest.</summary>
    sealed record Outcome(double Served, long TurnedAway, long Unreachable, int Asked, long Backlog, bool Recovered);

    /// <summary>The way of some clients together to a gateway, or past its admission.</summary>
    sealed class Counted(SimulatedNetwork network, LocalNode gateway, bool shedding) : GatewayConnection
    {
        readonly GatewayConnection _inner = network.Network.ConnectTo(gateway.Descriptor.Id);

        public MixnetClient? Client { get; private set; }

        public long TurnedAway { get; private set; }

        public long Unreachable { get; private set; }

        public long Served => Client?.Statistics.RepliesReceived ?? 0;

        public MixnetClient Sends(SimulatedNetwork network, double perSecond)
        {
            TimeSpan mean = TimeSpan.FromSeconds(1 / perSecond);
            return Client = new MixnetClient(network.Document, gateway.Descriptor, this, new SenderRates(mean, Timeout.InfiniteTimeSpan, mean / 2), network.Random, network.Time);
        }

        public override async Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
        {
            if (!shedding)
            {
                await gateway.Ports.Queue.EnqueueAsync(QueueNames.GatewayIn, packet, TimeSpan.Zero, cancellation);
                return;
            }
            try
            {
                await _inner.SubmitAsync(packet, cancellation);
            }
            catch (NetworkFullException)
            {
                TurnedAway++;
                throw;
            }
            catch (PortUnavailableException)
            {
                Unreachable++;
                throw;
            }
        }

        public override Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) => _inner.PollAsync(request, cancellation);
    }
}
