using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Client;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion put</c>, <c>get</c> and <c>delete</c>: files as streams of boxes.</summary>
static class StreamCommands
{
    const long Largest = 1L << 30;

    public static Command Put()
    {
        Argument<string> file = new("FILE") { Description = "What to store, or - for stdin." };
        Option<bool> copy = new("--copy") { Description = "All or nothing: a courier writes it for you, at other times than yours." };
        return Create("put", "Store a file; prints a read capability, with --json the write capability too, which deletes it.", file, async (context, path, cancellation) =>
        {
            if (Directory.Exists(path))
            {
                return context.Output.Error(ExitCode.Usage, $"{path} is a folder.");
            }
            bool all = context.Parsed.GetValue(copy);
            byte[] content = path == "-" ? await ReadStdinAsync(cancellation) : await File.ReadAllBytesAsync(path, cancellation);
            if (context.Link is { } link)
            {
                (string linkRead, string linkWrite) = await link.PutAsync(content, all, cancellation);
                context.Output.Data(linkRead);
                context.Output.Data(new JsonObject { ["read"] = linkRead, ["write"] = linkWrite, ["bytes"] = content.Length });
                return (int)ExitCode.Ok;
            }
            using Leftovers? leftovers = FunionHome.OpenLeftovers(context.Document!);
            await using FunionSession session = await FunionSession.OpenAsync(
                context.Document!, new SessionOptions { Leftovers = leftovers, Gateway = GatewayChoice.For(context.Document!) }, cancellation);
            using ProgressLine line = new(context.Output);
            WriteCapability capability = all
                ? await session.Client.PutAllAsync(content, line.Show, cancellation)
                : await session.Client.PutAsync(content, line.Show, cancellation);
            string read = capability.ToReadCapability().ToString();
            context.Output.Data(read);
            context.Output.Data(new JsonObject { ["read"] = read, ["write"] = capability.ToSecretString(), ["bytes"] = content.Length });
            return (int)ExitCode.Ok;
        }, copy);
    }

    public static Command Get()
    {
        Argument<string> capability = new("CAPABILITY") { Description = "A read capability, @FILE that holds it, or - for stdin." };
        return Create("get", "Fetch what was stored; writes the bytes to stdout, with --json in base64.", capability, async (context, text, cancellation) =>
        {
            if (!ReadCapability.TryParse(await CommonOptions.ReadSecretAsync(text, cancellation), out ReadCapability? read))
            {
                return context.Output.Error(ExitCode.Usage, "This is not a read capability.", "it begins with funion-read-");
            }
            byte[] content = context.Link is { } link
                ? await link.GetAsync(read.ToString(), cancellation)
                : await GetAloneAsync(context.Output, context.Document!, read, cancellation);
            if (context.Output.Json)
            {
                context.Output.Data(new JsonObject { ["bytes"] = content.Length, ["data"] = Convert.ToBase64String(content) });
                return (int)ExitCode.Ok;
            }
            await using Stream stdout = System.Console.OpenStandardOutput();
            await stdout.WriteAsync(content, cancellation);
            return (int)ExitCode.Ok;
        });
    }

    public static Command Delete()
    {
        Argument<string> capability = new("WRITE-CAPABILITY") { Description = "A write capability, @FILE that holds it, or - for stdin." };
        return Create("delete", "Delete what was stored: a tombstone over every box.", capability, async (context, text, cancellation) =>
        {
            if (!WriteCapability.TryParse(await CommonOptions.ReadSecretAsync(text, cancellation), out WriteCapability? write))
            {
                return context.Output.Error(ExitCode.Usage, "This is not a write capability.", "it begins with funion-write-");
            }
            if (context.Link is { } link)
            {
                await link.DeleteAsync(write.ToSecretString(), cancellation);
                context.Output.Note("deleted");
                context.Output.Data(new JsonObject { ["deleted"] = true });
                return (int)ExitCode.Ok;
            }
            using Leftovers? leftovers = FunionHome.OpenLeftovers(context.Document!);
            await using FunionSession session = await FunionSession.OpenAsync(
                context.Document!, new SessionOptions { Leftovers = leftovers, Gateway = GatewayChoice.For(context.Document!) }, cancellation);
            using ProgressLine line = new(context.Output);
            int boxes = await session.Client.DeleteAsync(write, line.Show, cancellation);
            context.Output.Note($"deleted {boxes} boxes");
            context.Output.Data(new JsonObject { ["deleted"] = true, ["boxes"] = boxes });
            return (int)ExitCode.Ok;
        });
    }

    static Command Create(
        string name, string description, Argument<string> argument, Func<StreamContext, string, CancellationToken, Task<int>> act,
        params Option[] more)
    {
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities();
        Option<string> timeout = new("--timeout") { Description = "How long to wait.", DefaultValueFactory = _ => "30m" };
        Option<bool> json = Invocation.JsonOption();
        Command command = new(name, description) { argument, network, authorities, timeout, json };
        foreach (Option option in more)
        {
            command.Add(option);
        }
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(timeout), out TimeSpan patience))
            {
                return output.Error(ExitCode.Usage, "--timeout takes a duration such as 5m.");
            }
            using ServeLink? link = parsed.GetValue(network) is null ? await ServeLink.FindAsync(cancellation) : null;
            if (link is not null)
            {
                output.Note($"through the running serve at {link.Address}");
                return await ClientErrors.RunAsync(
                    output, patience, token => act(new StreamContext(output, parsed, null, link), parsed.GetRequiredValue(argument), token), cancellation);
            }
            (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            return document is null ? code : await ClientErrors.RunAsync(
                output, patience, token => act(new StreamContext(output, parsed, document, null), parsed.GetRequiredValue(argument), token), cancellation);
        });
        return command;
    }

    static async Task<byte[]> GetAloneAsync(Output output, NetworkDocument document, ReadCapability read, CancellationToken cancellation)
    {
        using Leftovers? leftovers = FunionHome.OpenLeftovers(document);
        await using FunionSession session = await FunionSession.OpenAsync(
            document, new SessionOptions { Leftovers = leftovers, Gateway = GatewayChoice.For(document) }, cancellation);
        using ProgressLine line = new(output);
        return await session.Client.GetAsync(read, Largest, line.Show, cancellation);
    }

    static async Task<byte[]> ReadStdinAsync(CancellationToken cancellation)
    {
        using MemoryStream copy = new();
        await System.Console.OpenStandardInput().CopyToAsync(copy, cancellation);
        return copy.ToArray();
    }

    /// <summary>Through a running serve, or alone over a document.</summary>
    sealed record StreamContext(Output Output, ParseResult Parsed, NetworkDocument? Document, ServeLink? Link);
}
