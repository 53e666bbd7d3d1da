using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Client;
using Funion.Hosting.Ingress;
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
            if (parsed.GetValue(network) is null && await ServeLink.FindAsync(cancellation) is { } link)
            {
                using (link)
                {
                    output.Note($"through the running serve at {link.Address}");
                    return await ShowAsync(output, (JsonObject)await link.StatusAsync(cancellation), cancellation);
                }
            }
            (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            return document is null ? code : await WatchAsync(output, document, span, cancellation);
        });
        return command;
    }

    static async Task<int> WatchAsync(Output output, NetworkDocument document, TimeSpan span, CancellationToken cancellation)
    {
        await using FunionSession session = new(document, new SessionOptions { Gateway = GatewayChoice.For(document) });
        output.Note($"watching loops for {span.TotalSeconds:F0} s");
        await session.Mixnet.DelayUntilAsync(DateTimeOffset.UtcNow + span, cancellation);
        LoopStatistics statistics = session.Mixnet.Statistics;
        if (statistics.RepliesReceived == 0)
        {
            return output.Error(ExitCode.NetworkUnreachable, "No loop came back.", "is the network up? Watch longer with --watch");
        }
        return await ShowAsync(output, StatusJson.Of(document, session.Mixnet.Gateway, statistics, DateTimeOffset.UtcNow), cancellation);
    }

    static async Task<int> ShowAsync(Output output, JsonObject status, CancellationToken cancellation)
    {
        try
        {
            byte[] loops = await HttpGatewayConnection.FetchLoopsAsync(new Uri((string)status["gateway"]!), cancellation);
            status["nodes"] = LoopsJson.TryRead(loops) is { } reports ? LoopsJson.Of(reports) : null;
        }
        catch (Exception error) when (error is GatewayUnreachableException or UriFormatException)
        {
        }
        if (status["nodes"] is null)
        {
            output.Note("the gateway publishes nothing of its network's loops");
        }
        foreach (string line in StatusJson.Lines(status))
        {
            output.Data(line);
        }
        output.Data(status);
        return (int)ExitCode.Ok;
    }
}
