using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;

namespace Funion.Cli.Benches;

/// <summary>
/// How costs grow: boxes in a stream, mailboxes at a gateway, nodes in a document, epochs that a store has kept, tags at a mix, names on a shelf. Each step is ten
/// times the one before; what counts is the exponent between first and last, one being linear.
/// </summary>
static class GrowthBench
{
    const int UserPayload = 2_000, PacketsPerSecond = 10_000;

    /// <summary>One thing that grows.</summary>
    /// <param name="Name">What there are more and more of.</param>
    /// <param name="Unit">What is timed, each of it in microseconds.</param>
    /// <param name="PerItem">Whether the whole work of a step is as many units as there are items; otherwise one unit is done among so many.</param>
    /// <param name="Steps">How many there are.</param>
    /// <param name="Measure">Microseconds of a unit, and bytes of an item where that is of interest.</param>
    public sealed record Axis(string Name, string Unit, bool PerItem, IReadOnlyList<int> Steps, Func<int, (double Microseconds, double? Bytes)> Measure);

    /// <summary>All of them; <paramref name="most"/> cuts their steps.</summary>
    public static IReadOnlyList<Axis> Axes(int most) =>
    [
        new("boxes in a stream", "the id of the next box", true, Steps(10, 100_000, most), StreamIds),
        new("mailboxes at a gateway", "a poll of one of them", false, Steps(10, 10_000, most), Polls),
        new("nodes in the document", "signing, checking and reading it, a node", true, Steps(10, 1_000, most), Documents),
        new("epochs that a store kept", "sweeping one", true, Steps(10, 1_000, most), Sweeps),
        new("replay tags at a mix", "keeping one more", true, Steps(1_000, 1_000_000, most), Tags),
        new("names on a shelf", "listing one", true, Steps(1_000, 10_000_000, most), Names),
    ];

    public static JsonObject Run(Axis axis, Action<string> note)
    {
        // Compiled before it counts.
        axis.Measure(axis.Steps[0]);
        List<(int Count, double Each, double? Bytes)> rows = [];
        foreach (int count in axis.Steps)
        {
            (double each, double? bytes) = axis.Measure(count);
            rows.Add((count, each, bytes));
            note($"{axis.Name}: {count}: {each:F2} µs");
        }
        // Small numbers measure what one call costs in any case.
        double from = rows[0].Each, to = rows[^1].Each, exponent = Math.Log(to / from) / Math.Log((double)rows[^1].Count / rows[0].Count);
        JsonObject result = new()
        {
            ["axis"] = axis.Name, ["unit"] = axis.Unit,
            ["steps"] = new JsonArray([.. rows.Select(row => new JsonObject { ["count"] = row.Count, ["each_us"] = Math.Round(row.Each, 3) })]),
            ["exponent"] = Math.Round(exponent + (axis.PerItem ? 1 : 0), 2),
        };
        if (rows[^1].Bytes is { } last)
        {
            result["bytes_each"] = Math.Round(last, 1);
            result["gigabytes_a_day_at_10000_per_s"] = Math.Round(last * PacketsPerSecond * 86_400 / 1e9, 1);
        }
        return result;
    }

    /// <summary>A chart for each, microseconds of a unit against their number.</summary>
    public static string Draw(IEnumerable<JsonObject> results)
    {
        Svg svg = new();
        foreach (JsonObject result in results)
        {
            (double Count, double Each)[] points = [.. result["steps"]!.AsArray().Select(step => ((double)(int)step!["count"]!, (double)step["each_us"]!))];
            svg.Add(
                (string)result["axis"]!, "how many", "µs each", Math.Max(0.01, 1.25 * points.Max(point => point.Each)),
                [((string)result["unit"]!, [.. points.Select(point => (point.Count, point.Each))])]);
        }
        return svg.ToString();
    }

    static int[] Steps(int from, int to, int most)
    {
        List<int> steps = [];
        for (long step = from; step <= Math.Min(to, Math.Max(most, 10L * from)); step *= 10)
        {
            steps.Add((int)step);
        }
        return [.. steps];
    }

    static (double, double?) StreamIds(int count)
    {
        ReadCapability read = WriteCapability.Create().ToReadCapability();
        MessageBoxIndex? index = read.First;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            read.BoxIdAt(index!, BacapContext.Pigeonhole);
            index!.TryNext(out index);
        }
        return (Stopwatch.GetElapsedTime(start).TotalMicroseconds / count, null);
    }

    static (double, double?) Polls(int count)
    {
        const int polls = 1_000;
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(new LocalNetworkOptions { UserPayload = UserPayload, MixesPerLayer = 1 }, TimeProvider.System.GetUtcNow());
        NetworkDocument document = plan.Document;
        NodeKeys keys = plan.Nodes.First(node => node.Role == NodeRole.Gateway);
        MemoryBoxStore store = new();
        NodeContext context = new(document, (_, _, _, _) => ValueTask.CompletedTask, RandomSource.System, TimeProvider.System, _ => RandomSource.System);
        using NodeParts parts = NodeParts.Create(
            context, keys, new NodePorts(store, new MemoryPacketQueue(TimeProvider.System)), NodePace.OfProcess(TimeSpan.Zero));
        SphinxGeometry geometry = new(UserPayload, document.Geometry.Hops);
        byte[] payload = new byte[geometry.PayloadSize];
        ClientMailbox[] mailboxes = [.. Enumerable.Range(0, count).Select(_ => new ClientMailbox(document, geometry, TimeProvider.System.GetUtcNow()))];
        foreach (ClientMailbox mailbox in mailboxes)
        {
            string name = $"{mailbox.IdAt(document.Epoch)}/{new string('0', 12 + (2 * SurbId.Size))}";
            Done(store.PutIfAbsentAsync(new StoreKey(GatewayRole.MailboxShelf, document.Epoch, name), payload, default));
        }
        byte[][] asked = [.. Enumerable.Range(0, polls).Select(i => mailboxes[i % count].PollsAt(document, TimeProvider.System.GetUtcNow())[0].ToBytes())];
        Done(parts.Gateway!.PollAsync(asked[0], default));
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] poll in asked)
        {
            Done(parts.Gateway!.PollAsync(poll, default));
        }
        double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / polls;
        Array.ForEach(mailboxes, mailbox => mailbox.Dispose());
        return (each, null);
    }

    static (double, double?) Documents(int count)
    {
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(new LocalNetworkOptions { MixesPerLayer = Math.Max(1, count / NetworkTopology.Layers) }, TimeProvider.System.GetUtcNow());
        long start = Stopwatch.GetTimestamp();
        DocumentVerdict verdict = new NetworkTrust(plan.Trusted).Check(plan.Sign().ToBytes(), TimeProvider.System.GetUtcNow(), null, out _);
        return verdict == DocumentVerdict.Accepted
            ? (Stopwatch.GetElapsedTime(start).TotalMicroseconds / plan.Document.Nodes.Count, null)
            : throw new InvalidOperationException($"The document was refused: {verdict}.");
    }

    static (double, double?) Sweeps(int count)
    {
        MemoryBoxStore store = new();
        for (int epoch = 0; epoch < count; epoch++)
        {
            for (int i = 0; i < 10; i++)
            {
                Done(store.PutIfAbsentAsync(new StoreKey(SphinxHop.TagShelf, epoch, Name(i)), new byte[Bytes32.Size], default));
            }
        }
        long start = Stopwatch.GetTimestamp();
        Task sweep = store.DeleteEpochsBeforeAsync(SphinxHop.TagShelf, count, default).AsTask();
        double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
        return sweep.IsCompletedSuccessfully && store.Count == 0 ? (each, null) : throw new InvalidOperationException("The sweep left something.");
    }

    static (double, double?) Tags(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(Name)];
        byte[] mac = new byte[Bytes32.Size];
        MemoryBoxStore store = new();
        long before = GC.GetTotalMemory(forceFullCollection: true), start = Stopwatch.GetTimestamp();
        foreach (string name in names)
        {
            Done(store.PutIfAbsentAsync(new StoreKey(SphinxHop.TagShelf, 1, name), mac, default));
        }
        double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)count;
        GC.KeepAlive(names);
        GC.KeepAlive(store);
        return (each, bytes);
    }

    static (double, double?) Names(int count)
    {
        MemoryBoxStore store = new();
        byte[] value = new byte[Bytes32.Size];
        for (int i = 0; i < count; i++)
        {
            Done(store.PutIfAbsentAsync(new StoreKey(ReplicaRole.Shelf, 1, Name(i)), value, default));
        }
        long start = Stopwatch.GetTimestamp();
        Task<int> listing = CountAsync(store);
        if (!listing.IsCompletedSuccessfully || listing.Result != count)
        {
            throw new InvalidOperationException("The list has not every name.");
        }
        double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
        Done(store.DeleteEpochAsync(ReplicaRole.Shelf, 1, default));
        return (each, null);
    }

    static async Task<int> CountAsync(MemoryBoxStore store)
    {
        int count = 0;
        await foreach (string _ in store.ListAsync(ReplicaRole.Shelf, 1, "", default))
        {
            count++;
        }
        return count;
    }

    /// <summary>Sixty-four hex digits that look like a tag's or a box's.</summary>
    static string Name(int i) => (unchecked((ulong)i * 0x9e3779b97f4a7c15)).ToString("x16", System.Globalization.CultureInfo.InvariantCulture) + new string('0', 48);

    static void Done<T>(ValueTask<T> operation)
    {
        if (!operation.IsCompletedSuccessfully)
        {
            operation.AsTask().GetAwaiter().GetResult();
        }
    }

    static void Done(ValueTask operation)
    {
        if (!operation.IsCompletedSuccessfully)
        {
            operation.AsTask().GetAwaiter().GetResult();
        }
    }
}
