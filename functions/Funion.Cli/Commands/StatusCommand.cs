using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion status</c>: the next boundaries, and what became of loops sent for a while.</summary>
static class StatusCommand
{
    public static Command Create()
    {
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities();
        Option<string> watch = new("--watch") { Description = "How long to send loops and count them.", DefaultValueFactory = _ => "15s" };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("status", "Loop loss and the next boundaries.") { network, authorities, watch, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(watch), out TimeSpan span))
            {
                return output.Error(ExitCode.Usage, "--watch takes a duration such as 15s.");
            }
            (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            return document is null ? code : await WatchAsync(output, document, span, cancellation);
        });
        return command;
    }

    static async Task<int> WatchAsync(Output output, NetworkDocument document, TimeSpan span, CancellationToken cancellation)
    {
        await using ClientSession session = new(document);
        await session.Mixnet.DelayUntilAsync(DateTimeOffset.UtcNow + span, cancellation);
        LoopStatistics statistics = session.Mixnet.Statistics;
        if (statistics.RepliesReceived == 0)
        {
            return output.Error(ExitCode.NetworkUnreachable, "No loop came back.", "is the network up? Watch longer with --watch");
        }
        DateTimeOffset now = DateTimeOffset.UtcNow;
        output.Data($"loops: {statistics.PacketsSent} sent, {statistics.RepliesReceived} back, {statistics.LoopsLost} lost");
        JsonArray boundaries = [];
        foreach (ModelEntry model in document.Models)
        {
            foreach (int bucket in model.BucketsMilliseconds)
            {
                DateTimeOffset next = new BucketGrid(TimeSpan.FromMilliseconds(bucket)).NextBoundary(now);
                output.Data($"{model.Name}, bucket {bucket / 1000.0} s: next boundary in {(next - now).TotalSeconds:F1} s");
                boundaries.Add(new JsonObject { ["model"] = model.Name, ["bucket_s"] = bucket / 1000.0, ["next"] = next.ToUnixTimeMilliseconds() / 1000.0 });
            }
        }
        output.Data(new JsonObject
        {
            ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived, ["lost"] = statistics.LoopsLost, ["boundaries"] = boundaries,
        });
        return (int)ExitCode.Ok;
    }
}
