using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.LocalNetwork;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;

namespace Funion.Cli.Benches;

/// <summary>
/// One mix, alone in its process: packets come in, are peeled, held for the delay that their author drew, and go out. In memory it is packets a second that
/// count; over a store, the time of a packet beside that of the seven operations that its hop cannot do without, done by themselves.
/// <code>
/// put into mix-in · get from mix-in · put tag if absent · put into mix-out · delete from mix-in · get from mix-out · delete from mix-out
/// </code>
/// </summary>
static class MixBench
{
    /// <summary>Packets in the mix at a time: at 10,000/s and its delays some 200 are, the rest waits to be peeled.</summary>
    const int Window = 1_000;

    const int Rounds = 5, Batch = 32, UserPayload = 30_000;

    /// <summary>Short, for the whole time counts, the wait of the last packet too.</summary>
    const int MeanDelayMilliseconds = 20;

    static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    public static async Task<JsonObject> RunAsync(bool emulator, int packets, CancellationToken cancellation)
    {
        await using Azurite? azurite = emulator ? await Azurite.StartAsync(null, null, cancellation) : null;
        StorageAccount? account = azurite is null ? null : StorageAccount.Of(azurite.ConnectionString);
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(
            new LocalNetworkOptions
            {
                UserPayload = UserPayload, MixesPerLayer = 1, Rates = new Rates { MeanDelayMilliseconds = MeanDelayMilliseconds },
            },
            TimeProvider.System.GetUtcNow());
        byte[][] made = Build(plan.Document, packets);
        List<double> hops = [], bare = [];
        long late = 0;
        TimeSpan processor = TimeSpan.Zero;
        for (int round = 0; round < Rounds; round++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            (double seconds, long dropped) = await HopsAsync(plan, Ports(account, $"hop{round}"), made, cancellation);
            processor += Environment.CpuUsage.TotalTime - before;
            hops.Add(seconds);
            late += dropped;
            if (account is not null)
            {
                bare.Add(await BareAsync(Ports(account, $"bare{round}"), made, cancellation));
            }
        }
        double median = Timing.Median(hops);
        JsonObject result = new()
        {
            ["store"] = emulator ? "azurite" : "memory", ["packets"] = packets, ["payload"] = UserPayload, ["packets_per_s"] = Math.Round(packets / median),
            ["least_per_s"] = Math.Round(packets / hops.Max()), ["most_per_s"] = Math.Round(packets / hops.Min()), ["processor_us"] = Math.Round(processor.TotalMicroseconds / (Rounds * packets), 1), ["late"] = late, ["cores"] = Environment.ProcessorCount,
        };
        if (bare.Count > 0)
        {
            result["bare_per_s"] = Math.Round(packets / Timing.Median(bare));
            result["ratio"] = Math.Round(median / Timing.Median(bare), 2);
        }
        return result;
    }

    /// <summary>Packets for the first mix of the network, each another one, with delays as a client draws them.</summary>
    static byte[][] Build(NetworkDocument document, int packets)
    {
        SphinxGeometry geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
        byte[] payload = new byte[geometry.UserPayload];
        PathSelection paths = new(document, document.Gateways[0], RandomSource.System);
        byte[][] made = new byte[packets][];
        Parallel.For(0, packets, i =>
        {
            PathHop[] path = paths.Forward(document.Couriers[0], document.Epoch)[1..];
            made[i] = SphinxPacket.Build(geometry, path, ServiceNames.Courier, new byte[geometry.SurbSize], payload);
        });
        return made;
    }

    /// <summary>Seconds from the first packet in to the last packet out, and packets dropped.</summary>
    static async Task<(double Seconds, long Late)> HopsAsync(LocalNetworkPlan plan, LocalPorts ports, byte[][] packets, CancellationToken cancellation)
    {
        NodeKeys keys = plan.Nodes.First(node => node is { Role: NodeRole.Mix, Layer: 1 });
        int left = packets.Length;
        long last = 0;
        using SemaphoreSlim window = new(Window);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeContext context = new(
            plan.Document,
            (_, _, _, _) =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    last = Stopwatch.GetTimestamp();
                    done.TrySetResult();
                }
                window.Release();
                return ValueTask.CompletedTask;
            },
            RandomSource.System, TimeProvider.System, _ => RandomSource.System);
        using LocalNode node = LocalNode.Create(new LocalNodeContext(context, new LinkCounters()), keys, ports, null);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task running = Task.Run(() => new ActorRunner(TimeProvider.System).RunAsync(node.Pump, end.Token), CancellationToken.None);
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            packets, new ParallelOptions { MaxDegreeOfParallelism = Batch, CancellationToken = cancellation },
            async (packet, token) =>
            {
                await window.WaitAsync(token);
                await ports.Queue.EnqueueAsync(QueueNames.In(NodeRole.Mix), packet, TimeSpan.Zero, token);
            });
        await done.Task.WaitAsync(s_longest, cancellation);
        await end.CancelAsync();
        await running;
        return (Stopwatch.GetElapsedTime(start, last).TotalSeconds, node.Counters.Late);
    }

    /// <summary>Seconds that the same operations take by themselves, as many at a time.</summary>
    static async Task<double> BareAsync(LocalPorts ports, byte[][] packets, CancellationToken cancellation)
    {
        string inbound = QueueNames.In(NodeRole.Mix), own = QueueNames.Out(NodeRole.Mix);
        ParallelOptions overlapped = new() { MaxDegreeOfParallelism = Batch, CancellationToken = cancellation };
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(packets, overlapped, (packet, token) => ports.Queue.EnqueueAsync(inbound, packet, TimeSpan.Zero, token));
        await DrainAsync(inbound, async (delivery, token) =>
        {
            await ports.Store.PutIfAbsentAsync(new StoreKey(SphinxHop.TagShelf, 1, Convert.ToHexStringLower(delivery.Message.Span[..32])), new byte[32], token);
            await ports.Queue.EnqueueAsync(own, delivery.Message, TimeSpan.Zero, token);
        });
        await DrainAsync(own, (_, _) => ValueTask.CompletedTask);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task DrainAsync(string queue, Func<Delivery, CancellationToken, ValueTask> work)
        {
            for (int taken = 0; taken < packets.Length;)
            {
                IReadOnlyList<Delivery> deliveries = await ports.Queue.ReceiveAsync(queue, Batch, TimeSpan.FromMinutes(5), cancellation);
                taken += deliveries.Count;
                await Parallel.ForEachAsync(deliveries, overlapped, async (delivery, token) =>
                {
                    await work(delivery, token);
                    await ports.Queue.CompleteAsync(delivery, token);
                });
            }
        }
    }

    static LocalPorts Ports(StorageAccount? account, string name) => account is null
        ? new LocalPorts(new MemoryBoxStore(), new MemoryPacketQueue(TimeProvider.System), TimeSpan.Zero)
        : new LocalPorts(account.Store(name), account.Queue(name), TimeSpan.FromMilliseconds(50));
}
