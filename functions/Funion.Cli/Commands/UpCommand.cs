using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.Issuing;
using Funion.Cli.LocalNetwork;
using Funion.Cli.Verified;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Commands;

/// <summary><c>funion up</c>: a whole network until interrupted.</summary>
static class UpCommand
{
    public const string DefaultDocument = "funion-network.json";

    public static Command Create()
    {
        Option<string> store = new("--store") { Description = "memory or azurite.", DefaultValueFactory = _ => "memory" };
        store.AcceptOnlyFromAmong("memory", "azurite");
        Option<string?> state = new("--state") { Description = "Folder of keys, stored data and an enclave that survive." };
        Option<string[]> models = new("--model") { Description = ModelArgument.Description };
        Option<string[]> listen = new("--listen") { Description = "Where the gateway listens; twice: two gateways.", DefaultValueFactory = _ => ["127.0.0.1:8600"] };
        Option<string[]> buckets = new("--bucket") { Description = "Latency bucket, as often as you like; 5s, or 15s on azurite." };
        Option<string> meanDelay = new("--mean-delay") { Description = "Mean delay of a hop.", DefaultValueFactory = _ => "200ms" };
        Option<string> rate = new("--rate") { Description = "A client's packets.", DefaultValueFactory = _ => "1/s" };
        Option<int> payload = new("--payload") { Description = "Bytes that a packet carries.", DefaultValueFactory = _ => 30_000 };
        EnclaveChoice enclave = new(needsFolder: false);
        Option<string> network = new("--network") { Description = "Where to write the network document.", DefaultValueFactory = _ => DefaultDocument };
        Option<int> tokens = new("--tokens") { Description = "Every question is paid with a token, of which a client gets so many a day; 0: none." };
        Option<string> issuer = new("--issuer-listen") { Description = "Where the issuer of tokens listens.", DefaultValueFactory = _ => "127.0.0.1:8700" };
        Option<string> twoParty = new("--two-party")
        {
            Description = "On which channel two-party questions are taken: direct, or anonymous, too, which compute pays with cover.",
            DefaultValueFactory = _ => AskingRequest.Direct,
        };
        twoParty.AcceptOnlyFromAmong(AskingRequest.Direct, AskingRequest.Anonymous);
        Command command = new("up", "Run a whole network in this process until interrupted.")
        {
            store, state, models, listen, buckets, meanDelay, rate, payload, tokens, issuer, twoParty, network,
        };
        enclave.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: true);
            if (!Uri.TryCreate("http://" + parsed.GetRequiredValue(issuer), UriKind.Absolute, out Uri? issuing) || !issuing.IsLoopback)
            {
                return Task.FromResult(output.Error(ExitCode.Usage, "--issuer-listen takes an address of this machine such as 127.0.0.1:8700.", "run: funion up --help"));
            }
            if (parsed.GetValue(tokens) is < 0 or > TokenBatch.Most)
            {
                return Task.FromResult(output.Error(ExitCode.Usage, $"--tokens takes a number up to {TokenBatch.Most}; 0: none.", "run: funion up --help"));
            }
            if (!enclave.TryRead(parsed, output, out string? program, out ExitCode refused))
            {
                return Task.FromResult((int)refused);
            }
            return Options(
                parsed.GetValue(store) == "azurite", parsed.GetValue(state), parsed.GetValue(models) ?? [], parsed.GetRequiredValue(listen),
                parsed.GetValue(buckets) ?? [], parsed.GetRequiredValue(meanDelay), parsed.GetRequiredValue(rate), parsed.GetValue(payload),
                out string problem) is { } options
                ? RunAsync(output, options with { Tokens = parsed.GetValue(tokens), IssuerListen = issuing, Enclave = program, EnclaveFolder = enclave.Folder(parsed), AnonymousTwoParty = parsed.GetValue(twoParty) == AskingRequest.Anonymous }, parsed.GetRequiredValue(network), cancellation)
                : Task.FromResult(output.Error(ExitCode.Usage, problem, "run: funion up --help"));
        });
        return command;
    }

    static LocalHostOptions? Options(
        bool azurite, string? state, string[] models, string[] listen, string[] buckets, string meanDelay, string rate, int payload, out string problem)
    {
        problem = "";
        if (ModelArgument.TryParse(models, out problem) is not { } files)
        {
            return null;
        }
        List<TimeSpan> widths = [];
        foreach (string bucket in buckets.Length > 0 ? buckets : [azurite ? "15s" : "5s"])
        {
            if (!Quantity.TryParseDuration(bucket, out TimeSpan width))
            {
                problem = $"'{bucket}' is not a duration such as 5s.";
                return null;
            }
            widths.Add(width);
        }
        List<Uri> addresses = [];
        foreach (string text in listen)
        {
            if (!Uri.TryCreate("http://" + text, UriKind.Absolute, out Uri? address) || !address.IsLoopback)
            {
                problem = $"'{text}' is not an address of this machine such as 127.0.0.1:8600.";
                return null;
            }
            addresses.Add(address);
        }
        if (addresses.Count is < 1 or > 2 || addresses.Distinct().Count() < addresses.Count)
        {
            problem = "A local network has one gateway or two, each with an address of its own.";
            return null;
        }
        if (!Quantity.TryParseDuration(meanDelay, out TimeSpan delay) || !Quantity.TryParseRate(rate, out int perKilosecond))
        {
            problem = "--mean-delay takes a duration such as 200ms, --rate a rate such as 1/s.";
            return null;
        }
        return new LocalHostOptions
        {
            Azurite = azurite, State = state, Models = files, Listen = addresses[0], SecondListen = addresses.ElementAtOrDefault(1), Buckets = widths, MeanDelay = delay, Rate = perKilosecond, UserPayload = payload,
        };
    }

    static async Task<int> RunAsync(Output output, LocalHostOptions options, string file, CancellationToken cancellation)
    {
        try
        {
            if (options.Tokens > 0)
            {
                // One invitation, for the clients of whoever can read the file.
                options = options with { Invited = new HashSet<string> { Invitations.Ensure(file).Hash() } };
            }
            foreach (string missing in ExactRuns.Missing(options.Models))
            {
                output.Note(missing);
            }
            await using LocalHost host = await LocalHost.StartAsync(options, cancellation, null, output.Note);
            // Whoever waits for the document has the pin with it.
            AtomicFile.Write(file + ".authorities", host.Trusted.ToBytes());
            AtomicFile.Write(file, host.Signed.ToBytes());
            SamplesVerb.EnsureBeside(file, host.Models[DigitModel.Name]);
            host.Turned += signed => AtomicFile.Write(file, signed.ToBytes());
            output.Data(new JsonObject { ["ready"] = true, ["gateway"] = host.Gateway.GetLeftPart(UriPartial.Authority), ["network"] = file });
            await host.Running.WaitAsync(cancellation);
            return (int)ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (Enclaves.EnclaveInUseException error)
        {
            return output.Error(ExitCode.Failed, error.Message, Enclaves.EnclaveInUseException.Hint);
        }
        catch (Exception error) when (error is ModelException or ArgumentException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return output.Error(ExitCode.Failed, error.Message);
        }
    }
}
