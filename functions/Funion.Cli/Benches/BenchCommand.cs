using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Benches;

/// <summary><c>funion bench …</c>: figures of this machine, each beside a floor or in the rows of the reference.</summary>
static class BenchCommand
{
    public static Command Create() => new("bench", "Measure: sphinx, boxes, mix, inference, start, growth, transfer, load, soak, anonymity, two-party, enclave, verify.")
    {
        Sphinx(), Boxes(), Mix(), Inference(), Start(), Growth(), Transfer(), Load(), Soak(), Anonymity.AnonymityBench.Create(), TwoPartyBench.Create(), EnclaveBench.Create(), VerifyBench.Create(),
    };

    static Command Sphinx()
    {
        Option<bool> json = Invocation.JsonOption();
        Command command = new("sphinx", "Unwrapping and building packets, against one X25519 and our AES-256-CTR over the same bytes in the same run.") { json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            JsonArray rows = [.. SphinxBench.Run().Select(row => (JsonNode)row)];
            foreach (JsonNode? row in rows)
            {
                output.Data(
                    $"{row!["payload"]} B: unwrap {row["unwrap_us"]} µs, floor {row["floor_us"]} µs, ratio {row["ratio"]}, {row["allocated_bytes"]} bytes allocated; "
                    + $"build {row["build_us"]} µs, {row["build_ratio"]} unwraps, with a SURB {row["build_surb_us"]} µs, {row["build_surb_ratio"]} unwraps; "
                    + $"HCTR2 {row["hctr2_us"]} µs, {row["hctr2_ratio"]} of CTR's {row["ctr_us"]} µs");
            }
            output.Data(rows);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Boxes()
    {
        Option<bool> json = Invocation.JsonOption();
        Command command = new("boxes", "A BACAP box: its id, against one scalar multiplication in the same run; sealing, verifying, opening.") { json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            JsonObject row = BoxBench.Run();
            output.Data(
                $"box id {row["box_id_us"]} µs, {row["ratio"]} of a scalar multiplication's {row["scalarmult_us"]} µs; next index {row["next_index_us"]} µs; "
                + $"{row["plaintext"]} B sealed in {row["seal_us"]} µs, verified in {row["verify_us"]} µs (an empty one {row["verify_empty_us"]}), opened in {row["open_us"]} µs");
            output.Data(row);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Mix()
    {
        Option<string> store = new("--store") { Description = "memory or azurite.", DefaultValueFactory = _ => "memory" };
        store.AcceptOnlyFromAmong("memory", "azurite");
        Option<int?> packets = new("--packets") { Description = "Packets in each of five rounds; default: 16000 in memory, 320 on the emulator." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("mix", "Packets through one mix, over a store beside the storage operations alone that they need.") { store, packets, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            bool emulator = parsed.GetValue(store) == "azurite";
            int count = parsed.GetValue(packets) ?? (emulator ? 320 : 16_000);
            if (count is < 32 or > 200_000)
            {
                return output.Error(ExitCode.Usage, "--packets takes 32 to 200000.");
            }
            JsonObject row = await MixBench.RunAsync(emulator, count, cancellation);
            output.Data(
                $"{row["packets_per_s"]} packets/s, median of five ({row["least_per_s"]} to {row["most_per_s"]}), {row["processor_us"]} µs of processor time a packet, {row["late"]} late"
                + (emulator ? $"; the operations alone {row["bare_per_s"]}/s, ratio {row["ratio"]}" : ""));
            output.Data(row);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Inference()
    {
        Option<int> batch = new("--batch") { Description = "Jobs.", DefaultValueFactory = _ => 32 };
        Option<int> layers = new("--layers") { Description = "Convolutions of the synthetic model.", DefaultValueFactory = _ => 300 };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("inference", "A batch of jobs at compute, apart from mixing and waiting, beside the model alone in the same run.") { batch, layers, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(batch) is < 1 or > 256 || parsed.GetValue(layers) is < 1 or > 1_000)
            {
                return output.Error(ExitCode.Usage, "--batch takes 1 to 256, --layers 1 to 1000.");
            }
            JsonObject row = await InferenceBench.RunAsync(parsed.GetValue(batch), parsed.GetValue(layers), cancellation);
            output.Data(
                $"{row["batch"]} jobs of {row["each_ms"]} ms: opened in {row["open_ms"]} ms, run in {row["model_ms"]} ms, sealed in {row["seal_ms"]} ms; "
                + $"the model alone {row["direct_ms"]} ms, overhead {row["overhead_percent"]} %");
            output.Data(row);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Start()
    {
        Option<int> runs = new("--runs") { Description = "Processes.", DefaultValueFactory = _ => 10 };
        Option<bool> json = Invocation.JsonOption();
        Option<bool> node = new("--node") { Description = "A node over the storage emulator, until it is ready, in place of a question." };
        Command command = new("start", "From nothing to the first packet of a question at the gateway, beside a process that only says its version.") { runs, node, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            int count = Math.Clamp(parsed.GetValue(runs), 1, 1_000);
            bool isNode = parsed.GetValue(node);
            JsonObject row = isNode ? await NodeStartBench.RunAsync(count, cancellation) : await StartBench.RunAsync(count, cancellation);
            output.Data($"{(isNode ? $"ready after {row["ready_ms"]}" : $"first packet after {row["first_packet_ms"]}")} ms, median ({row["min_ms"]} to {row["max_ms"]}), {row["ratio"]} of a bare process's {row["version_ms"]} ms");
            output.Data(row);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Growth()
    {
        Option<int> most = new("--most") { Description = "No step beyond this number, but for the first two.", DefaultValueFactory = _ => 10_000_000 };
        Option<FileInfo?> svg = new("--svg") { Description = "Draws what is printed into this file." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("growth", "Costs against boxes, mailboxes, nodes, epochs, replay tags and names, ten times as many in each step.") { most, svg, json };
        command.SetAction((parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            JsonArray results = [];
            foreach (GrowthBench.Axis axis in GrowthBench.Axes(Math.Max(1, parsed.GetValue(most))))
            {
                cancellation.ThrowIfCancellationRequested();
                JsonObject result = GrowthBench.Run(axis, output.Note);
                results.Add(result);
                output.Data(
                    $"{result["axis"]}: {string.Join(", ", result["steps"]!.AsArray().Select(step => $"{step!["count"]}: {step["each_us"]} µs"))}; exponent {result["exponent"]}"
                    + (result.ContainsKey("bytes_each") ? $", {result["bytes_each"]} bytes each" : ""));
            }
            if (parsed.GetValue(svg) is { } file)
            {
                File.WriteAllText(file.FullName, GrowthBench.Draw(results.Select(result => result!.AsObject())));
            }
            output.Data(results);
            return Task.FromResult((int)ExitCode.Ok);
        });
        return command;
    }

    static Command Transfer()
    {
        Option<string> sizes = new("--sizes") { Description = "Such as 4k,16k,64k.", DefaultValueFactory = _ => "4k,16k,64k" };
        Option<string> rate = new("--rate") { Description = "A client's packets.", DefaultValueFactory = _ => "1/s" };
        Option<int> runs = new("--runs") { Description = "Runs per size.", DefaultValueFactory = _ => 5 };
        Option<bool> copy = new("--copy") { Description = "Store all or nothing." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("transfer", "Storing and then fetching, equal exchanges, 200 ms mean delay per hop, in memory.") { sizes, rate, runs, copy, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            List<int> bytes = [];
            foreach (string size in parsed.GetRequiredValue(sizes).Split(','))
            {
                int factor = size.EndsWith('k') ? 1 << 10 : size.EndsWith('m') ? 1 << 20 : 1;
                if (!int.TryParse(size.TrimEnd('k', 'm'), out int number) || number < 1 || number > 64 << 10)
                {
                    return output.Error(ExitCode.Usage, "--sizes takes sizes such as 4k,16k,64k,1m.");
                }
                bytes.Add(number * factor);
            }
            if (!Quantity.TryParseRate(parsed.GetRequiredValue(rate), out int perKilosecond))
            {
                return output.Error(ExitCode.Usage, "--rate takes a rate such as 1/s.");
            }
            JsonArray rows = [];
            await foreach (JsonObject row in TransferBench.RunAsync(bytes, perKilosecond, Math.Max(1, parsed.GetValue(runs)), parsed.GetValue(copy), cancellation))
            {
                output.Data($"{row["bytes"]} B put and got: median {row["seconds"]} s ({row["min"]} to {row["max"]})");
                rows.Add(row);
            }
            output.Data(rows);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Load()
    {
        Option<int> clients = new("--clients") { Description = "How many at first; twice as many in each step.", DefaultValueFactory = _ => 50 };
        Option<int> steps = new("--steps") { Description = "At most so many steps.", DefaultValueFactory = _ => 8 };
        Option<string> time = new("--time") { Description = "Of a step.", DefaultValueFactory = _ => "20s" };
        Option<bool> json = Invocation.JsonOption();
        Option<int> mixLimit = new("--mix-limit") { Description = "Packets a second that a mix takes, as if it had a small machine of its own; 0: as many as it can." };
        Command command = new("load", "More and more clients of a network in memory, until it turns packets away; then back to the first number.") { clients, steps, time, mixLimit, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(time), out TimeSpan span) || span < TimeSpan.FromSeconds(2))
            {
                return output.Error(ExitCode.Usage, "--time takes a duration of two seconds or more, such as 20s.");
            }
            if (parsed.GetValue(clients) is < 8 or > 100_000 || parsed.GetValue(steps) is < 1 or > 20 || parsed.GetValue(mixLimit) is < 0 or > 100_000)
            {
                return output.Error(ExitCode.Usage, "--clients takes 8 to 100000, --steps 1 to 20, --mix-limit 0 to 100000.");
            }
            JsonArray rows = [];
            await foreach (JsonObject row in LoadBench.RunAsync(parsed.GetValue(clients), parsed.GetValue(steps), span, parsed.GetValue(mixLimit), cancellation))
            {
                output.Data(
                    $"{(row.ContainsKey("recovery") ? "back to " : "")}{row["clients"]} clients: {row["offered_per_s"]}/s offered, {row["served_per_s"]}/s served, "
                    + $"{row["shed_per_s"]}/s turned away, {row["p50_s"]} s median, {row["p99_s"]} s p99, {row["late_packets"]} dropped, {row["memory_mb"]} MB");
                rows.Add(row);
            }
            output.Data(rows);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Soak()
    {
        Option<string> store = new("--store") { Description = "memory or azurite.", DefaultValueFactory = _ => "azurite" };
        store.AcceptOnlyFromAmong("memory", "azurite");
        Option<string> time = new("--time") { Description = "How long, half of it idle and half of it asking.", DefaultValueFactory = _ => "10m" };
        Option<string?> rate = new("--rate") { Description = "A client's packets; default: 1/s in memory, 0.2/s on the emulator, which is no faster." };
        Option<string> epoch = new("--epoch") { Description = "How long keys are good for.", DefaultValueFactory = _ => "24h" };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("soak", "A whole network for a while: memory, loops that are lost, what every link carries while a client is idle and while it asks.")
        {
            store, time, rate, epoch, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(time), out TimeSpan span) || span < TimeSpan.FromMinutes(1))
            {
                return output.Error(ExitCode.Usage, "--time takes a duration of a minute or more, such as 10m.");
            }
            bool azurite = parsed.GetValue(store) == "azurite";
            if (!Quantity.TryParseRate(parsed.GetValue(rate) ?? (azurite ? "0.2/s" : "1/s"), out int perKilosecond))
            {
                return output.Error(ExitCode.Usage, "--rate takes a rate such as 0.2/s.");
            }
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(epoch), out TimeSpan turn) || turn < TimeSpan.FromMinutes(5) || (azurite && turn <= span))
            {
                return output.Error(ExitCode.Usage, "--epoch takes a duration of five minutes or more, on the emulator one longer than the soak.");
            }
            JsonObject result = await SoakBench.RunAsync(azurite, perKilosecond, span, turn, output.Note, cancellation);
            foreach (JsonNode? link in result["links"]!.AsArray())
            {
                output.Data($"{link!["link"]}: {link["idle_per_s"]}/s idle, {link["asking_per_s"]}/s asking, z {link["z"]}");
            }
            output.Data($"{result["questions"]} questions answered, {result["loops"]!["sent"]} loops sent, {result["loops"]!["lost"]} lost, {result["late"]} packets late, keys turned {result["epochs"]} times");
            output.Data($"memory alive: {string.Join(", ", result["memory"]!.AsArray().Select(look => $"{look!["alive_mb"]}"))} MB");
            output.Data(result);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
