using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;

namespace Funion.Cli.Benches;

/// <summary>Stores and fetches random bytes through a network in this process, by the wall clock.</summary>
static class TransferBench
{
    public static async IAsyncEnumerable<JsonObject> RunAsync(
        IReadOnlyList<int> sizes, int perKilosecond, int runs, bool copy, [EnumeratorCancellation] CancellationToken cancellation)
    {
        LocalHostOptions options = new() { Listen = new Uri("http://127.0.0.1:0"), Rate = perKilosecond };
        await using LocalHost host = await LocalHost.StartAsync(options, cancellation);
        await using FunionSession session = new(host.Signed.Document);
        foreach (int size in sizes)
        {
            List<double> seconds = [];
            for (int run = 0; run < runs; run++)
            {
                byte[] content = RandomNumberGenerator.GetBytes(size);
                long start = Stopwatch.GetTimestamp();
                WriteCapability capability = copy
                    ? await session.Client.PutAllAsync(content, null, cancellation)
                    : await session.Client.PutAsync(content, null, cancellation);
                byte[] back = await session.Client.GetAsync(capability.ToReadCapability(), size, null, cancellation);
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                if (!back.AsSpan().SequenceEqual(content))
                {
                    throw new InvalidOperationException("What came back is not what was stored.");
                }
            }
            seconds.Sort();
            yield return new JsonObject
            {
                ["bytes"] = size, ["seconds"] = Math.Round(seconds[seconds.Count / 2], 2), ["min"] = Math.Round(seconds[0], 2),
                ["max"] = Math.Round(seconds[^1], 2), ["mean_delay_ms"] = options.MeanDelay.TotalMilliseconds, ["rate_per_s"] = perKilosecond / 1000.0,
                ["copy"] = copy,
            };
        }
    }
}
