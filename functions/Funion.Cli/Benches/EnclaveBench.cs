using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Models.Digits;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Cli.Benches;

/// <summary>
/// An inference between a cloud and an enclave on this machine: exact bytes across the boundary, seconds on either side. Beside it, in the same run, the whole network in the clear (an
/// enclave that does everything), and what the same ciphertexts would cost without an enclave: whoever asks would take the enclave's part, over a network.
/// </summary>
static class EnclaveBench
{
    public static Command Create()
    {
        Option<string> net = new("--net") { Description = "digits or minionn.", DefaultValueFactory = _ => "digits" };
        net.AcceptOnlyFromAmong("digits", "minionn");
        Option<string> variant = new("--variant") { Description = "hidden-model, or open-model where the provider owns the weights.", DefaultValueFactory = _ => "hidden-model" };
        variant.AcceptOnlyFromAmong("hidden-model", "open-model");
        Option<int> bits = new("--bits") { Description = "Of a value.", DefaultValueFactory = _ => 32 };
        Option<int> batch = new("--batch") { Description = "Inputs at once; figures are for one of them.", DefaultValueFactory = _ => 1 };
        Option<int> runs = new("--runs") { Description = "Medians are printed.", DefaultValueFactory = _ => 3 };
        Option<string?> program = new("--enclave") { Description = "The program Funion.Enclave; without it, the one that was built beside this." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("enclave", "Linear layers on ciphertexts in the open, the rest in an enclave: a SIMULATED one here, which protects nothing.")
        {
            net, variant, bits, batch, runs, program, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(runs) is < 1 or > 10_000 || parsed.GetValue(bits) is < 20 or > 32 || parsed.GetValue(batch) is < 1 or > 64)
            {
                return Task.FromResult(output.Error(ExitCode.Usage, "--runs takes 1 to 10000, --bits 20 to 32, --batch 1 to 64."));
            }
            if (EnclaveProgram.Find(parsed.GetValue(program)) is not { } path)
            {
                return Task.FromResult(output.Error(ExitCode.Failed, "The program Funion.Enclave is not there.", "Build it, or name it with --enclave."));
            }
            JsonObject row = Run(
                path, parsed.GetRequiredValue(net), parsed.GetRequiredValue(variant) == "hidden-model", parsed.GetValue(bits), parsed.GetValue(batch), parsed.GetValue(runs));
            output.Data($"{row["net"]}, {row["variant"]}: {row["seconds"]} s, of which the enclave {row["enclave_seconds"]} s; of processor time {row["enclave_share"]}");
            output.Data($"{row["bytes_in"]} bytes into the enclave, {row["bytes_out"]} out of it, {row["weight_bytes"]} of encrypted weights once");
            output.Data($"the whole network in an enclave: {row["tee_only_seconds"]} s; without one: {row["lhe_only"]!["bytes"]} bytes to and from whoever asks");
            bool matches = row["matches_reference"]!.GetValue<bool>();
            output.Data($"the output {(matches ? "is" : "is NOT")} the reference's, bit for bit");
            output.Data(row);
            return Task.FromResult((int)(matches ? ExitCode.Ok : ExitCode.Failed));
        });
        return command;
    }

    static JsonObject Run(string program, string net, bool hidden, int bits, int batch, int runs)
    {
        Random random = new(20260702);
        FloatNetwork floats = net == "digits" ? NetworkReader.TryRead(DigitModel.File()).Network! : Architectures.MiniOnn(1);
        IntegerNetwork network = Calibration.Run(
            floats, Enumerable.Range(0, 4).Select(i => TwoPartyBench.Picture(net, floats, random, i)), new Precision(new Modulus(bits)));
        string folder = Directory.CreateTempSubdirectory("funion-bench-").FullName;
        try
        {
            EnclaveLink? link = null;
            using EnclaveHost host = new(() => link = EnclaveLink.StartInsecureSimulator(program, Path.Combine(folder, "hardware")), new EnclaveStore(Path.Combine(folder, "store")));
            using ModelOwner owner = new();
            host.Start();
            EnclaveOffer offer = host.Create(new EnclavePolicy(hidden ? bits : 0, owner.Key, int.MaxValue, [], [])) ?? throw new InvalidOperationException("The enclave refused.");
            long start = Stopwatch.GetTimestamp();
            List<byte[]> weights = [];
            byte[] provision = owner.Seal(network, offer.Identity, offer.PublicKey, weights.Add);
            double encrypting = Stopwatch.GetElapsedTime(start).TotalSeconds;
            CloudModel model = new(offer.Model, hidden ? network.WithoutWeights() : network, hidden);
            start = Stopwatch.GetTimestamp();
            if (host.Provide(model, provision, () => weights) is var refused && refused != EnclaveRefusal.None)
            {
                throw new InvalidOperationException($"The enclave refused the model: {refused}.");
            }
            double providing = Stopwatch.GetElapsedTime(start).TotalSeconds;
            weights.Clear();
            List<Figures> figures = [];
            bool matches = true;
            for (int run = 0; run < runs + 1 && matches; run++)
            {
                RingTensor[] inputs = [.. Enumerable.Range(0, batch).Select(i => network.Encode(TwoPartyBench.Picture(net, floats, random, (run * batch) + i)))];
                Figures once = Ask(host, model, network, offer, inputs, link!, out bool same);
                matches &= same;
                if (run > 0)
                {
                    // The first run compiles.
                    figures.Add(once);
                }
            }
            // Processor time is counted in hundredths of a second: means over all runs. It is the share that other work on the machine does not move.
            Figures median = figures.Count == 0 ? new Figures(0, 0, 0, 0, 0, new EnclaveCosts()) : figures.OrderBy(once => once.Seconds).ElementAt(figures.Count / 2) with
            {
                Processor = figures.Average(once => once.Processor), CloudProcessor = figures.Average(once => once.CloudProcessor),
            };
            return Row(net, hidden, bits, batch, network, median, model.WeightBytes, encrypting, providing, matches);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static Figures Ask(EnclaveHost host, CloudModel model, IntegerNetwork network, EnclaveOffer offer, RingTensor[] inputs, EnclaveLink link, out bool same)
    {
        using DataOwner asker = new();
        // With the counter of now: an enclave refuses questions that name one from before all that it remembers.
        (EnclaveIdentity now, _) = host.Describe(default, offer.Model) ?? throw new InvalidOperationException("The enclave says nothing of itself.");
        byte[][] questions = [.. inputs.Select(input => asker.Ask(now, input))];
        double processor = link.ProcessorSeconds, here = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<EnclaveReply> replies = host.Ask(model, questions);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Of the question: that it is forgotten afterwards is not in it.
        EnclaveCosts costs = new();
        foreach ((int layer, (double cloud, double enclave, long bytesIn, long bytesOut)) in host.Costs.Layers)
        {
            costs.AddProducts(layer, TimeSpan.FromSeconds(cloud));
            costs.AddCrossing(layer, TimeSpan.FromSeconds(enclave), bytesIn, bytesOut);
        }
        processor = link.ProcessorSeconds - processor;
        here = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - here;
        start = Stopwatch.GetTimestamp();
        RingTensor[] expected = [.. inputs.Select(network.Run)];
        double clear = Stopwatch.GetElapsedTime(start).TotalSeconds;
        same = true;
        for (int i = 0; i < inputs.Length; i++)
        {
            same &= asker.TryOpen(now, network, questions[i], replies[i].Result, out RingTensor? output) == AnswerOutcome.Ok
                && output!.Elements.SequenceEqual(expected[i].Elements);
            host.Forget(replies[i].Query);
        }
        return new Figures(seconds, costs.EnclaveSeconds, processor, here, clear, costs);
    }

    static JsonObject Row(
        string net, bool hidden, int bits, int batch, IntegerNetwork network, Figures median, long weightBytes, double encrypting, double providing, bool matches)
    {
        long bytesIn = median.Costs.BytesIn / batch, bytesOut = median.Costs.BytesOut / batch;
        JsonArray layers = [.. median.Costs.Layers.Select(layer => (JsonNode)new JsonObject
        {
            ["layer"] = layer.Key < 0 ? "input" : network.Layers[layer.Key].Name,
            ["cloud_seconds"] = Round(layer.Value.Cloud / batch), ["enclave_seconds"] = Round(layer.Value.Enclave / batch),
            ["bytes_in"] = layer.Value.In / batch, ["bytes_out"] = layer.Value.Out / batch,
        })];
        return new JsonObject
        {
            ["net"] = net, ["variant"] = hidden ? "hidden-model" : "open-model", ["seconds"] = Round(median.Seconds / batch), ["enclave_seconds"] = Round(median.Enclave / batch),
            ["bytes_in"] = bytesIn, ["bytes_out"] = bytesOut, ["matches_reference"] = matches,
            ["enclave_share"] = Math.Round(median.Processor > 0 ? median.Processor / (median.Processor + median.CloudProcessor) : 0, 3),
            ["enclave_processor_seconds"] = Round(median.Processor / batch), ["cloud_processor_seconds"] = Round(median.CloudProcessor / batch),
            ["cloud_seconds"] = Round(median.Costs.CloudSeconds / batch), ["bits"] = bits, ["batch"] = batch, ["weight_bytes"] = weightBytes,
            ["owner_seconds"] = Round(encrypting), ["load_seconds"] = Round(providing), ["tee_only_seconds"] = Round(median.Clear / batch),
            ["lhe_only"] = new JsonObject { ["bytes"] = bytesIn + bytesOut, ["seconds_at_100_mbit"] = Round((median.Seconds / batch) + ((bytesIn + bytesOut) / 12.5e6)) },
            ["layers"] = layers,
        };
    }

    static double Round(double seconds) => Math.Round(seconds, 4);

    sealed record Figures(double Seconds, double Enclave, double Processor, double CloudProcessor, double Clear, EnclaveCosts Costs);
}
