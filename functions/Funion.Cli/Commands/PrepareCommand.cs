using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.TwoParty;
using Funion.Client;
using Funion.Network;
using Funion.Private.Protocol;

namespace Funion.Cli.Commands;

/// <summary><c>funion prepare MODEL</c>: the offline phase ahead of use. What is prepared lies in the user's folder, encrypted, good for one question each.</summary>
static class PrepareCommand
{
    const int Most = 10_000;

    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "Which model." };
        Option<int> count = new("--count") { Description = "For how many questions.", DefaultValueFactory = _ => 1 };
        Option<string> channel = AskingRequest.ChannelOption(), timeout = CommonOptions.Timeout();
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities(), invitation = CommonOptions.Invitation();
        Option<bool> json = Invocation.JsonOption();
        Command command = new("prepare", "Two-party material ahead of use: what does not need the input is done now.")
        {
            model, count, channel, network, authorities, invitation, timeout, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(timeout), out TimeSpan patience))
            {
                return output.Error(ExitCode.Usage, "--timeout takes a duration such as 5m.");
            }
            if (parsed.GetValue(count) is < 1 or > Most)
            {
                return output.Error(ExitCode.Usage, $"--count takes 1 to {Most}.");
            }
            AskingRequest request = new()
            {
                Output = output, Model = parsed.GetRequiredValue(model), Mode = AskingRequest.TwoParty, Channel = parsed.GetRequiredValue(channel),
                Network = parsed.GetValue(network), Authorities = parsed.GetValue(authorities), Invitation = parsed.GetValue(invitation),
            };
            return await ClientErrors.RunAsync(output, patience, token => PrepareAsync(request, parsed.GetValue(count), token), cancellation);
        });
        return command;
    }

    static async Task<int> PrepareAsync(AskingRequest request, int count, CancellationToken cancellation)
    {
        (WayOfAsking? way, int code) = await WaysOfAsking.ChooseAsync(request, cancellation);
        if (way is not IPreparing preparing)
        {
            return code;
        }
        await using WayOfAsking owned = way;
        long start = Stopwatch.GetTimestamp();
        int available;
        using (ProgressLine line = new(request.Output))
        {
            try
            {
                available = await preparing.PrepareAsync(count, line.Show, cancellation);
            }
            catch
            {
                Say(request, preparing);
                throw;
            }
        }
        double seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3);
        request.Output.Data(
            $"prepared {count}, {available} in all; use them with: funion infer {request.Model} INPUT --mode two-party --channel {request.Channel}{request.NamedNetwork}");
        request.Output.Data(new JsonObject
        {
            ["model"] = request.Model, ["channel"] = request.Channel, ["prepared"] = count, ["available"] = available, ["seconds"] = seconds,
            ["bytes"] = preparing.OfflineBytes,
        });
        return (int)ExitCode.Ok;
    }

    /// <summary>What was prepared before something failed is kept, and said beside the failure.</summary>
    static void Say(AskingRequest request, IPreparing preparing)
    {
        request.Output.Partial = new JsonObject { ["model"] = request.Model, ["channel"] = request.Channel, ["prepared"] = preparing.Ready };
        request.Output.Note($"prepared and kept: {preparing.Ready}");
    }
}
