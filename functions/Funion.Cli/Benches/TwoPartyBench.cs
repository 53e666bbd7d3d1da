using System.CommandLine;
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
        Option<int> lines = new("--lines") { Description = "Lines in memory, all at once, each for one input after the other; 0: a loopback connection for each input, one after the other." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("two-party", "Delphi's two phases over loopback: content hidden from the provider, weights from the client.") { net, ot, bits, squares, runs, lines, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(runs) is < 1 or > 100_000 || parsed.GetValue(bits) is < 20 or > 36 || parsed.GetValue(lines) is < 0 or > 64)
            {
                return output.Error(ExitCode.Usage, "--runs takes 1 to 100000, --bits 20 to 36, --lines 0 to 64.");
            }
            int[]? places = Places(parsed.GetValue(squares));
            FloatNetwork network = Network(parsed.GetRequiredValue(net));
            if (places is null || places.Any(place => place < 0 || place >= Exchange.Candidates(network).Count))
            {
                return output.Error(ExitCode.Usage, $"--squares takes places from 0 to {Exchange.Candidates(network).Count - 1}, with commas.");
            }
            TransferKind transfer = parsed.GetValue(ot) == "iknp" ? TransferKind.Iknp : TransferKind.SoftSpoken;
            JsonObject row = await RunAsync(parsed.GetRequiredValue(net), Exchange.Apply(network, places.ToHashSet()), transfer, parsed.GetValue(bits), parsed.GetValue(runs), parsed.GetValue(lines), cancellation);
            foreach (string phase in (string[])["offline", "online"])
            {
                JsonNode figures = row[phase]!;
                output.Data($"{phase}: {figures["seconds"]} s, {figures["bytes"]} bytes, {figures["rounds"]} rounds");
            }
            output.Data($"both parties: {row["cpu_seconds"]} processor seconds an input");
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

    static async Task<JsonObject> RunAsync(string net, FloatNetwork floats, TransferKind transfer, int bits, int runs, int lines, CancellationToken cancellation)
    {
        Random random = new(20260702);
        IntegerNetwork network = Calibration.Run(floats, Enumerable.Range(0, 4).Select(i => Picture(net, floats, random, i)), new Precision(new Modulus(bits)));
        TwoPartyLine line = new(network, transfer);
        List<TwoPartyAsked> asked = [];
        int begun = 0;
        RingTensor? Next()
        {
            lock (asked)
            {
                // One wrong answer is enough.
                return begun < runs && asked.TrueForAll(one => one.Matches) ? network.Encode(Picture(net, floats, random, begun++)) : null;
            }
        }
        void Done(TwoPartyAsked one)
        {
            lock (asked)
            {
                asked.Add(one);
            }
        }
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int run = 0; lines == 0 && run < runs; run++)
        {
            bool first = true;
            await line.AskOverLoopbackAsync(() => first && !(first = false) ? Next() : null, Done, cancellation);
        }
        await Task.WhenAll(Enumerable.Range(0, lines).Select(_ => Task.Run(() => line.AskInMemoryAsync(Next, Done, cancellation), cancellation)));
        double seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds / runs;
        return new JsonObject
        {
            ["net"] = net, ["relus"] = network.Activations, ["squares"] = network.Quadratics, ["bits"] = bits, ["ot"] = transfer == TransferKind.Iknp ? "iknp" : "softspoken",
            ["runs"] = asked.Count, ["lines"] = lines,
            ["offline"] = Figures(asked.Select(run => run.OfflineSeconds), asked[^1].Offline), ["online"] = Figures(asked.Select(run => run.OnlineSeconds), asked[^1].Online),
            ["cpu_seconds"] = Math.Round(seconds, 4), ["matches_reference"] = asked.Count == runs && asked.TrueForAll(one => one.Matches),
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
