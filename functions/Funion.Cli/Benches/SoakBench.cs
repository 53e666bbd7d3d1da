using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Benches;

/// <summary>
/// Runs a whole network with two always-on clients, one of which asks, stores and fetches without pause in the second half, and counts what an observer of
/// the wires counts: messages on every kind of link. Under constant rates both halves are draws of the same processes, so z, the difference of two counts
/// over the root of twice their sum (a packet and its reply pass the same links), is about normal, or smaller. Memory is looked at all the while; what must
/// be kept of an epoch, replay tags above all, goes with it.
/// </summary>
static class SoakBench
{
    const int Looks = 24;

    public static async Task<JsonObject> RunAsync(
        bool azurite, int perKilosecond, TimeSpan span, TimeSpan epoch, Action<string> note, CancellationToken cancellation)
    {
        TimeSpan bucket = TimeSpan.FromSeconds(azurite ? 15 : 5);
        LocalHostOptions options = new()
        {
            Azurite = azurite, Listen = new Uri("http://127.0.0.1:0"), Buckets = [bucket], Rate = perKilosecond, EpochLength = epoch,
        };
        await using LocalHost host = await LocalHost.StartAsync(options, cancellation);
        SoakTally tally = new(host);
        NetworkDocument document = host.Signed.Document;
        await using FunionSession idle = new(document), asking = new(document);
        host.Turned += signed =>
        {
            idle.Mixnet.TryAdopt(signed.Document);
            asking.Mixnet.TryAdopt(signed.Document);
        };
        note("warming up for a minute");
        await Task.Delay(TimeSpan.FromMinutes(1), cancellation);
        note("both clients idle");
        JsonArray memory = [];
        (SortedDictionary<string, long> quiet, double quietSeconds) = await CountAsync(tally, LookAsync(tally, memory, 0, span / 2, note, cancellation));
        note("one client asks, stores and fetches");
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<int> asked = AskAsync(host, asking.Client, bucket, enough.Token);
        (SortedDictionary<string, long> busy, double busySeconds) =
            await CountAsync(tally, LookAsync(tally, memory, quietSeconds, span / 2, note, cancellation));
        await enough.CancelAsync();
        int questions = await asked;
        (long sent, long returned, long lost) = await tally.LoopsAsync([idle.Mixnet.Statistics, asking.Mixnet.Statistics], cancellation);
        return new JsonObject
        {
            ["store"] = azurite ? "azurite" : "memory", ["rate_per_s"] = perKilosecond / 1000.0, ["seconds"] = Math.Round(quietSeconds + busySeconds), ["questions"] = questions,
            ["loops"] = new JsonObject { ["sent"] = sent, ["returned"] = returned, ["lost"] = lost },
            ["late"] = tally.Late, ["epochs"] = tally.Epochs, ["memory"] = memory,
            ["links"] = new JsonArray([.. quiet.Keys.Union(busy.Keys).Order(StringComparer.Ordinal).Select(link => (JsonNode)Row(
                link, quiet.GetValueOrDefault(link), quietSeconds, busy.GetValueOrDefault(link), busySeconds))]),
        };
    }

    /// <summary>Looks at memory now and then while a time passes: what is alive after a collection, and what lies in the nodes' stores.</summary>
    static async Task LookAsync(SoakTally tally, JsonArray memory, double from, TimeSpan span, Action<string> note, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        for (int look = 1; look <= Looks / 2; look++)
        {
            await Task.Delay(span * (2.0 * look / Looks) - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } pause ? pause : TimeSpan.Zero, cancellation);
            JsonObject row = new()
            {
                ["second"] = Math.Round(from + Stopwatch.GetElapsedTime(start).TotalSeconds), ["alive_mb"] = GC.GetTotalMemory(forceFullCollection: true) >> 20,
                ["working_mb"] = Environment.WorkingSet >> 20, ["stored"] = tally.Stored,
            };
            note($"{row["second"]} s: {row["alive_mb"]} MB alive, {row["working_mb"]} MB in all, {row["stored"]} values stored");
            memory.Add((JsonNode)row);
        }
    }

    static JsonObject Row(string link, long quiet, double quietSeconds, long busy, double busySeconds)
    {
        // Scaled to the same time; the two differ by the precision of a timer.
        double expected = busy * quietSeconds / busySeconds;
        return new JsonObject
        {
            ["link"] = link, ["idle_per_s"] = Math.Round(quiet / quietSeconds, 3), ["asking_per_s"] = Math.Round(busy / busySeconds, 3),
            ["z"] = Math.Round((expected - quiet) / Math.Sqrt(Math.Max(1, 2 * (expected + quiet))), 2),
        };
    }

    static async Task<(SortedDictionary<string, long> Counts, double Seconds)> CountAsync(SoakTally tally, Task until)
    {
        SortedDictionary<string, long> before = tally.Links();
        long start = Stopwatch.GetTimestamp();
        await until;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach ((string link, long count) in tally.Links())
        {
            counts[link] = count - before.GetValueOrDefault(link);
        }
        return (counts, seconds);
    }

    /// <summary>Asks, stores and fetches until it is enough; the number of questions that were answered.</summary>
    static async Task<int> AskAsync(LocalHost host, FunionClient client, TimeSpan bucket, CancellationToken enough)
    {
        ModelEntry model = host.Signed.Document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        int questions = 0;
        try
        {
            while (true)
            {
                InferenceAnswer answer = await client.InferAsync(model.Name, [picture], bucket, cancellation: enough);
                questions += answer.Tensors is null ? 0 : 1;
                byte[] content = RandomNumberGenerator.GetBytes(50_000);
                WriteCapability stored = await client.PutAsync(content, cancellation: enough);
                await client.GetAsync(stored.ToReadCapability(), content.Length, cancellation: enough);
            }
        }
        catch (OperationCanceledException)
        {
            return questions;
        }
    }
}
