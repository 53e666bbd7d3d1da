using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary><c>funion network verify FILE|URL [--authorities FILE]</c>: 0 if the document is believed, 6 if not.</summary>
static class VerifyVerb
{
    public static Command Create()
    {
        Argument<string> network = new("FILE|URL") { Description = "The network document." };
        Option<string?> authorities = new("--authorities") { Description = "Pinned authority keys; default: FILE.authorities, then what was pinned." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("verify", "Check a network document against pinned authority keys.") { network, authorities, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.Output(json), parsed.GetRequiredValue(network), parsed.GetValue(authorities), cancellation));
        return command;
    }

    static async Task<int> RunAsync(Output output, string network, string? authorities, CancellationToken cancellation)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
        NetworkChoice choice = await new NetworkSource(http, TimeProvider.System).OpenAsync(network, authorities, cancellation);
        if (choice.Document is not { } document)
        {
            return output.Error(choice.Code, choice.Message, choice.Hint);
        }

        string hash = Convert.ToHexStringLower(document.Hash());
        output.Data($"accepted: {document.Name}, version {document.Version}, {hash}");
        output.Data(new JsonObject
        {
            ["verdict"] = "accepted",
            ["network"] = document.Name,
            ["version"] = document.Version,
            ["hash"] = hash,
            ["valid_until"] = document.ValidUntil.ToUnixTimeSeconds(),
        });
        return (int)ExitCode.Ok;
    }
}
