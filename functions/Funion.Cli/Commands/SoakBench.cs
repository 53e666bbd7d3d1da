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

namespace Funion.Cli.Commands;

/// <summary>
/// Runs a whole network with two always-on clients, one of which asks, stores and fetches without pause in the second half, and counts what an observer of
/// the wires counts: messages on every kind of link. Under constant rates both halves are draws of the same processes, so z, the difference of two counts
/// over the root of twice their sum (a packet and its reply pass the same links), is about normal, or smaller.
/// </summary>
static class SoakBench
{
    public static async Task<JsonObject> RunAsync(bool azurite, int perKilosecond, TimeSpan span, Action<string> note, CancellationToken cancellation)
    {
        TimeSpan bucket = TimeSpan.FromSeconds(azurite ? 15 : 5);
        LocalHostOptions options = new() { Azurite = azurite, Listen = new Uri("http://127.0.0.1:0"), Buckets = [bucket], Rate = perKilosecond };
        await using LocalHost host = await LocalHost.StartAsync(options, cancellation);
        NetworkDocument document = host.Signed.Document;
        await using FunionSession idle = new(document), asking = new(document);
        note("warming up for a minute");
        await Task.Delay(TimeSpan.FromMinutes(1), cancellation);
        note("both clients idle");
        (SortedDictionary<string, long> quiet, double quietSeconds) = await CountAsync(host, Task.Delay(span / 2, cancellation));
        note("one client asks, stores and fetches");
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<int> asked = AskAsync(host, asking.Client, bucket, enough.Token);
        (SortedDictionary<string, long> busy, double busySeconds) = await CountAsync(host, Task.Delay(span / 2, cancellation));
        await enough.CancelAsync();
        int questions = await asked;
        IReadOnlyList<LoopReport> nodes = await host.Network.ReportLoopsAsync(cancellation);
        LoopStatistics[] clients = [idle.Mixnet.Statistics, asking.Mixnet.Statistics, host.Network.Compute.Client.Statistics];
        return new JsonObject
        {
            ["store"] = azurite ? "azurite" : "memory", ["rate_per_s"] = perKilosecond / 1000.0, ["seconds"] = Math.Round(quietSeconds + busySeconds), ["questions"] = questions,
            ["loops"] = new JsonObject
            {
                ["sent"] = nodes.Sum(node => node.Sent) + clients.Sum(client => client.LoopsSent),
                ["returned"] = nodes.Sum(node => node.Returned) + clients.Sum(client => client.LoopsReturned),
                ["lost"] = nodes.Sum(node => node.Lost) + clients.Sum(client => client.LoopsLost),
            },
            ["late"] = host.Network.Nodes.Sum(node => node.Counters.Late),
            ["links"] = new JsonArray([.. quiet.Keys.Union(busy.Keys).Order(StringComparer.Ordinal).Select(link => (JsonNode)Row(
                link, quiet.GetValueOrDefault(link), quietSeconds, busy.GetValueOrDefault(link), busySeconds))]),
        };
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

    static async Task<(SortedDictionary<string, long> Counts, double Seconds)> CountAsync(LocalHost host, Task until)
    {
        SortedDictionary<string, long> before = host.Network.Links.ByKind(host.Signed.Document);
        long start = Stopwatch.GetTimestamp();
        await until;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach ((string link, long count) in host.Network.Links.ByKind(host.Signed.Document))
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
