using System.CommandLine;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary>Options that several commands take, and how they are read.</summary>
static class CommonOptions
{
    public static Option<string?> Network() => new("--network") { Description = "The network document: a file or a gateway's URL. Default: ./funion-network.json." };

    public static Option<string?> Authorities() => new("--authorities") { Description = "Pinned authority keys; default: FILE.authorities, then what was pinned." };

    public static Option<string> Timeout() => new("--timeout")
    {
        Description = "How long to wait; for a question, where nothing is said, twice what it takes at the network's delays, rates and bucket, if that is longer.",
        DefaultValueFactory = _ => "5m",
    };

    public static Option<string?> Invitation() => new("--invitation")
    {
        Description = "File of the invitation to a network that demands tokens; default: FILE.invitation beside the network document.",
    };

    /// <summary>The accepted document, or the exit code of the error that was printed.</summary>
    public static async Task<(NetworkDocument? Document, int Code)> OpenAsync(
        Output output, string? network, string? authorities, CancellationToken cancellation)
    {
        (NetworkChoice? choice, int code) = await ChooseAsync(output, network, authorities, cancellation);
        return (choice?.Document, code);
    }

    /// <summary>The accepted document with its pin, or the exit code of the error that was printed.</summary>
    public static async Task<(NetworkChoice? Choice, int Code)> ChooseAsync(
        Output output, string? network, string? authorities, CancellationToken cancellation)
    {
        string source = network ?? UpCommand.DefaultDocument;
        if (network is null && !File.Exists(source))
        {
            return (null, output.Error(
                ExitCode.NetworkUnreachable, "No network is named.", "start one with: funion up, or name one with: --network FILE|URL"));
        }
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
        NetworkChoice choice = await new NetworkSource(http, TimeProvider.System).OpenAsync(source, authorities, cancellation);
        if (choice.Document is null)
        {
            return (null, output.Error(choice.Code, choice.Message, choice.Hint));
        }
        if (network is null)
        {
            output.Note($"network {choice.Document.Name} from {source}");
        }
        return (choice, 0);
    }

    /// <summary>A capability given as itself, as @FILE, or as - for stdin: on a command line every user of the machine can read it.</summary>
    public static async Task<string> ReadSecretAsync(string argument, CancellationToken cancellation) => argument switch
    {
        "-" => (await System.Console.In.ReadLineAsync(cancellation) ?? "").Trim(),
        ['@', .. string file] => (await File.ReadAllTextAsync(file, cancellation)).Trim(),
        _ => argument,
    };
}
