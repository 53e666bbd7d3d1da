using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Planning;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.Benches;

/// <summary>Private inference between two parties in this process, over a loopback connection: exact bytes, seconds of both parties together.</summary>
static class TwoPartyBench
{
    public static Command Create()
    {
        Option<string> net = new("--net") { Description = "digits, minionn or resnet32.", DefaultValueFactory = _ => "digits" };
        net.AcceptOnlyFromAmong("digits", "minionn", "resnet32");
        Option<string> ot = new("--ot") { Description = "Oblivious transfer: iknp, or softspoken, which sends less.", DefaultValueFactory = _ => "iknp" };
        ot.AcceptOnlyFromAmong("iknp", "softspoken");
        Option<int> bits = new("--bits") { Description = "Of a share: 24 for calibrated networks, 32 with eight to spare.", DefaultValueFactory = _ => 32 };
        Option<string?> squares = new("--squares") { Description = "Activations that are quadratic, by their places: 0,2,3." };
        Option<int> runs = new("--runs") { Description = "Inputs, each with both phases; medians are printed.", DefaultValueFactory = _ => 3 };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("two-party", "Delphi's two phases over loopback: content hidden from the provider, weights from the client.") { net, ot, bits, squares, runs, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(runs) is < 1 or > 100_000 || parsed.GetValue(bits) is < 20 or > 36)
            {
                return output.Error(ExitCode.Usage, "--runs takes 1 to 100000, --bits 20 to 36.");
            }
            int[]? places = Places(parsed.GetValue(squares));
            FloatNetwork network = Network(parsed.GetRequiredValue(net));
            if (places is null || places.Any(place => place < 0 || place >= Exchange.Candidates(network).Count))
            {
                return output.Error(ExitCode.Usage, $"--squares takes places from 0 to {Exchange.Candidates(network).Count - 1}, with commas.");
            }
            TransferKind transfer = parsed.GetValue(ot) == "iknp" ? TransferKind.Iknp : TransferKind.SoftSpoken;
            JsonObject row = await RunAsync(parsed.GetRequiredValue(net), Exchange.Apply(network, places.ToHashSet()), transfer, parsed.GetValue(bits), parsed.GetValue(runs), cancellation);
            foreach (string phase in (string[])["offline", "online"])
            {
                JsonNode figures = row[phase]!;
                output.Data($"{phase}: {figures["seconds"]} s, {figures["bytes"]} bytes, {figures["rounds"]} rounds");
            }
            bool matches = row["matches_reference"]!.GetValue<bool>();
            output.Data($"{row["relus"]} activations, {row["squares"]} squares, l = {row["bits"]}, {row["ot"]}; the output {(matches ? "is" : "is NOT")} the reference's, bit for bit");
            output.Data(row);
            return (int)(matches ? ExitCode.Ok : ExitCode.Failed);
        });
        return command;
    }

    static FloatNetwork Network(string net) => net switch
    {
        "digits" => NetworkReader.TryRead(DigitModel.File()).Network!,
        "minionn" => Architectures.MiniOnn(1),
        _ => Architectures.ResNet32(1),
    };

    /// <summary>Null for what is no list of numbers.</summary>
    static int[]? Places(string? list)
    {
        int[] places = [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(place => int.TryParse(place, out int number) ? number : -1)];
        return places.Contains(-1) ? null : places;
    }

    static async Task<JsonObject> RunAsync(string net, FloatNetwork floats, TransferKind transfer, int bits, int runs, CancellationToken cancellation)
    {
        Random random = new(20260702);
        IntegerNetwork network = Calibration.Run(floats, Enumerable.Range(0, 4).Select(i => Picture(net, floats, random, i)), new Precision(new Modulus(bits)));
        ConcurrentDictionary<Bytes32, ServerMaterial> kept = new();
        TwoPartyServer server = new(
            new ServerModel(network), () => new MaterialPlace(material => kept.TryAdd(material.Session, material), () => { }),
            session => kept.TryRemove(session, out ServerMaterial? material) ? material : null);
        TwoPartyClient client = new(network.WithoutWeights());
        List<(double Offline, double Online)> seconds = [];
        (Traffic Offline, Traffic Online) traffic = default;
        bool matches = true;
        for (int run = 0; run < runs && matches; run++)
        {
            RingTensor input = network.Encode(Picture(net, floats, random, run));
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            await using StreamChannel here = await StreamChannel.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellation);
            await using StreamChannel there = StreamChannel.Of(await listener.AcceptSocketAsync(cancellation));
            Task<ProtocolOutcome> serving = server.ServeAsync(there, cancellation).AsTask();
            long start = Stopwatch.GetTimestamp();
            (ProtocolOutcome prepared, ClientMaterial? material) = await client.PrepareAsync(here, transfer, cancellation);
            double offline = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (material is null)
            {
                throw new InvalidOperationException($"The offline phase came to {prepared}.");
            }
            start = Stopwatch.GetTimestamp();
            (_, RingTensor? result) = await client.RunAsync(here, material, input, cancellation);
            seconds.Add((offline, Stopwatch.GetElapsedTime(start).TotalSeconds));
            traffic = (here.Traffic(ProtocolPhase.Offline), here.Traffic(ProtocolPhase.Online));
            matches = result is not null && result.Elements.SequenceEqual(network.Run(input).Elements);
            await here.DisposeAsync();
            await serving;
        }
        return new JsonObject
        {
            ["net"] = net, ["relus"] = network.Activations, ["squares"] = network.Quadratics, ["bits"] = bits, ["ot"] = transfer == TransferKind.Iknp ? "iknp" : "softspoken", ["runs"] = runs,
            ["offline"] = Figures(seconds.Select(run => run.Offline), traffic.Offline), ["online"] = Figures(seconds.Select(run => run.Online), traffic.Online),
            ["matches_reference"] = matches,
        };
    }

    static JsonObject Figures(IEnumerable<double> seconds, Traffic traffic)
    {
        double[] sorted = [.. seconds.Order()];
        return new JsonObject { ["seconds"] = Math.Round(sorted[sorted.Length / 2], 3), ["bytes"] = traffic.Bytes, ["rounds"] = traffic.Rounds };
    }

    /// <summary>A digit that the model never saw; noise for networks whose weights are noise.</summary>
    public static float[] Picture(string net, FloatNetwork network, Random random, int number) => net == "digits"
        ? DigitTrainer.HeldOutPicture(number % 10, 20_000 + number)
        : [.. Enumerable.Range(0, network.Input.Count).Select(_ => (2 * random.NextSingle()) - 1)];
}
