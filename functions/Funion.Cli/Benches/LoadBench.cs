using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.Benches;

/// <summary>
/// A whole network in memory under more and more clients, until it turns packets away, and back to the first number. Clients are grouped: a group sends
/// and polls as often as all of them, with the same work for each packet, and its slots carry probes whose way there and back is timed. The whole network,
/// its clients too, shares one machine; with a limit each mix takes so many packets a second and no more, as if it had one of its own, and what turns packets
/// away is the gateway and not the clients' want of time.
/// </summary>
static class LoadBench
{
    const int Groups = 8, ProbesEach = 4;

    /// <summary>Doubles the clients from the first number on; ends two steps after the first packets are turned away, and with the first number again.</summary>
    /// <param name="first">Clients of the first step.</param>
    /// <param name="steps">At most so many.</param>
    /// <param name="span">Of a step.</param>
    /// <param name="mixLimit">Packets per second that a mix takes; 0: as many as it can.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async IAsyncEnumerable<JsonObject> RunAsync(
        int first, int steps, TimeSpan span, int mixLimit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"),
            Around = mixLimit == 0 ? null : (name, ports) => name.StartsWith("mix-", StringComparison.Ordinal)
                ? ports with { Queue = new LimitedQueue(ports.Queue, QueueNames.MixIn, mixLimit, TimeProvider.System) }
                : ports,
        };
        await using LocalHost host = await LocalHost.StartAsync(options, cancellation);
        int saturated = 0, clients = first;
        for (int step = 0; step < steps && saturated < 2; step++, clients *= 2)
        {
            JsonObject row = await StepAsync(host, clients, span, recovery: false, cancellation);
            saturated += row["shed_per_s"]!.GetValue<double>() > 0.02 * row["offered_per_s"]!.GetValue<double>() ? 1 : 0;
            yield return row;
        }
        // What was over the top lies in queues; the first seconds of the recovery are part of it.
        yield return await StepAsync(host, first, 2 * span, recovery: true, cancellation);
    }

    static async Task<JsonObject> StepAsync(LocalHost host, int clients, TimeSpan span, bool recovery, CancellationToken cancellation)
    {
        NetworkDocument document = host.Signed.Document;
        SenderRates one = SenderRates.OfClient(document);
        double each = clients / (double)Groups;
        SenderRates group = new(one.Slots / each, one.Loops / each, one.Polls / each);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ActorRunner runner = new(TimeProvider.System);
        List<MixnetClient> senders = [];
        List<Task> running = [];
        ConcurrentQueue<double> seconds = [];
        long start = Stopwatch.GetTimestamp();
        double recovered = 0;
        for (int i = 0; i < Groups; i++)
        {
            MixnetClient sender = new(document, document.Gateways[0], host.Network.ConnectTo(document.Gateways[0].Id), group, RandomSource.System, TimeProvider.System);
            senders.Add(sender);
            running.Add(Task.Run(() => runner.RunAsync(sender, end.Token), CancellationToken.None));
            running.AddRange(Enumerable.Range(0, ProbesEach).Select(_ => ProbeAsync(sender, document, seconds, end.Token)));
        }
        // The first half warms up; of the recovery, the first half is where the queues empty.
        await Task.Delay(span / 2, cancellation);
        recovered = Percentile(Drain(seconds), 0.5);
        (long Sent, long Replies, long Failures) before = Sum(senders);
        long counted = Stopwatch.GetTimestamp();
        await Task.Delay(span / 2, cancellation);
        (long Sent, long Replies, long Failures) after = Sum(senders);
        double took = Stopwatch.GetElapsedTime(counted).TotalSeconds;
        await end.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        senders.ForEach(sender => sender.Dispose());
        double[] measured = Drain(seconds);
        double Rate(long from, long to) => Math.Round((to - from) / took, 1);
        JsonObject row = new()
        {
            ["clients"] = clients, ["offered_per_s"] = Rate(before.Sent + before.Failures, after.Sent + after.Failures),
            ["served_per_s"] = Rate(before.Replies, after.Replies), ["shed_per_s"] = Rate(before.Failures, after.Failures),
            ["p50_s"] = Math.Round(Percentile(measured, 0.5), 2), ["p99_s"] = Math.Round(Percentile(measured, 0.99), 2),
            ["late_packets"] = host.Network.Nodes.Sum(node => node.Counters.Late), ["memory_mb"] = Environment.WorkingSet >> 20,
        };
        if (recovery)
        {
            row["recovery"] = true;
            row["p50_first_half_s"] = Math.Round(recovered, 2);
        }
        return row;
    }

    /// <summary>A question that any courier answers with one reply, again and again.</summary>
    static async Task ProbeAsync(MixnetClient sender, NetworkDocument document, ConcurrentQueue<double> seconds, CancellationToken cancellation)
    {
        byte[] payload = new byte[document.Geometry.UserPayload];
        ServiceAddress service = new(document.Couriers[RandomSource.System.Below(document.Couriers.Count)], ServiceNames.Loop);
        while (!cancellation.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            await sender.RequestAsync(service, payload, cancellation);
            seconds.Enqueue(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    static (long Sent, long Replies, long Failures) Sum(List<MixnetClient> senders) => (
        senders.Sum(sender => sender.Statistics.PacketsSent), senders.Sum(sender => sender.Statistics.RepliesReceived),
        senders.Sum(sender => sender.Statistics.Failures));

    static double[] Drain(ConcurrentQueue<double> seconds)
    {
        List<double> drained = [];
        while (seconds.TryDequeue(out double value))
        {
            drained.Add(value);
        }
        drained.Sort();
        return [.. drained];
    }

    static double Percentile(double[] sorted, double part) => sorted.Length == 0 ? 0 : sorted[(int)(part * (sorted.Length - 1))];
}
