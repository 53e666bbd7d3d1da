using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Ingress;
using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Models;
using Funion.Network;
using Microsoft.AspNetCore.Http;

namespace Funion.Cli.Benches;

/// <summary>
/// How long <c>funion infer</c> takes from nothing to its first packet at the gateway: a process of its own each time, its slots so many that it waits for none.
/// Beside it, the same program that only says its version: what a process costs in any case.
/// </summary>
static class StartBench
{
    const int SlotsPerSecond = 500;

    static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public static async Task<JsonObject> RunAsync(int runs, CancellationToken cancellation)
    {
        TaskCompletionSource<long>? first = null;
        await using IngressServer gateway = await IngressServer.StartAsync(
            new Uri("http://127.0.0.1:0"), 1 << 20,
            context =>
            {
                if (context.Request.Path == "/v1/packets")
                {
                    first?.TrySetResult(Stopwatch.GetTimestamp());
                }
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                return Task.CompletedTask;
            },
            cancellation);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("funion-start-");
        try
        {
            string network = Path.Combine(folder.FullName, "network.json"), picture = Path.Combine(folder.FullName, "seven.json");
            Write(network, picture, gateway.Address);
            string[] question = ["infer", "digits", picture, "--network", network];
            return await CompareAsync(runs, question, folder.FullName, new Dictionary<string, string>(), (_, _) =>
            {
                first = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
                return first.Task;
            }, "first_packet_ms", cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Milliseconds until a moment of a process and of one that only says its version, side by side.</summary>
    /// <param name="runs">Of each.</param>
    /// <param name="arguments">What is started.</param>
    /// <param name="home">An empty folder.</param>
    /// <param name="settings">Environment variables of the process.</param>
    /// <param name="moment">Called when it was started; completes with a timestamp.</param>
    /// <param name="name">Of the median.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task<JsonObject> CompareAsync(
        int runs, string[] arguments, string home, IReadOnlyDictionary<string, string> settings, Func<Process, CancellationToken, Task<long>> moment, string name, CancellationToken cancellation)
    {
        List<double> starts = [], floors = [];
        // The first of each reads the program from disk, and does not count.
        for (int run = 0; run <= runs; run++)
        {
            double start = await TimeAsync(arguments, home, settings, moment, cancellation);
            double floor = await TimeAsync(["--version"], home, settings, async (process, late) =>
            {
                await process.WaitForExitAsync(late);
                return Stopwatch.GetTimestamp();
            }, cancellation);
            if (run > 0)
            {
                starts.Add(start);
                floors.Add(floor);
            }
        }
        double median = Timing.Median(starts), bare = Timing.Median(floors);
        return new JsonObject
        {
            ["runs"] = runs, [name] = Math.Round(median), ["min_ms"] = Math.Round(starts.Min()), ["max_ms"] = Math.Round(starts.Max()),
            ["version_ms"] = Math.Round(bare), ["ratio"] = Math.Round(median / bare, 2),
        };
    }

    static void Write(string network, string picture, Uri gateway)
    {
        using ServedModels models = new([]);
        (IReadOnlyList<ModelEntry> entries, int computeRate) = models.Publish(ComputeBudget.MemoryRate, [TimeSpan.FromSeconds(5)], new LocalNetworkOptions().UserPayload);
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(
            new LocalNetworkOptions
            {
                Rates = new LocalHostOptions { Rate = SlotsPerSecond * 1_000 }.ToRates(computeRate), Models = entries, GatewayAddresses = [gateway.GetLeftPart(UriPartial.Authority)],
            },
            TimeProvider.System.GetUtcNow());
        File.WriteAllBytes(network, plan.Sign().ToBytes());
        File.WriteAllBytes(network + ".authorities", plan.Trusted.ToBytes());
        TensorSpec input = entries[0].Inputs[0];
        JsonArray zeros = [.. Enumerable.Repeat(0, (int)input.Shape.Aggregate(1L, (all, side) => all * Math.Max(1, side))).Select(zero => (JsonNode)zero)];
        File.WriteAllText(picture, new JsonObject
        {
            ["inputs"] = new JsonArray(new JsonObject
            {
                ["name"] = input.Name, ["datatype"] = input.Datatype.ToString(), ["shape"] = new JsonArray([.. input.Shape.Select(side => (JsonNode)Math.Max(1, side))]),
                ["data"] = zeros,
            }),
        }.ToJsonString());
    }

    /// <summary>Milliseconds from the start of a process to a moment of it; it is ended then.</summary>
    static async Task<double> TimeAsync(
        string[] arguments, string home, IReadOnlyDictionary<string, string> settings, Func<Process, CancellationToken, Task<long>> moment, CancellationToken cancellation)
    {
        // Started the same way as this process was: by its own executable, or by dotnet.
        string program = Environment.ProcessPath ?? throw new Win32Exception("This process has no path.");
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(StartBench).Assembly.Location);
        }
        Array.ForEach(arguments, start.ArgumentList.Add);
        // Nothing of this machine's user: neither what he asked before nor a serve that runs.
        start.Environment["HOME"] = start.Environment["XDG_CONFIG_HOME"] = start.Environment["XDG_RUNTIME_DIR"] = home;
        foreach ((string variable, string value) in settings)
        {
            start.Environment[variable] = value;
        }
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation), output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<long> reached = moment(process, ended.Token);
            await Task.WhenAny(reached, errors).WaitAsync(s_longest, cancellation);
            // A process that ends before it got there says why.
            return reached.IsCompleted || arguments is ["--version"]
                ? Stopwatch.GetElapsedTime(began, await reached).TotalMilliseconds
                : throw new InvalidOperationException(await errors + await output);
        }
        finally
        {
            await ended.CancelAsync();
            if (!process.HasExited)
            {
                process.Kill();
            }
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
