using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Cli.Planning;
using Funion.Hosting;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion plan --network FILE</c>: what the network of a document costs while nobody asks, and how long a question takes there.</summary>
sealed class PlanNetworkView
{
    readonly Option<string?> _network = new("--network") { Description = "The rates and nodes of this document, idle, instead of so many users." };
    readonly Option<LatencyProfile> _profile = new("--profile") { Description = "latencyProfile of the deployment: responsive or economical." };
    readonly Option<int> _memory = new("--memory") { Description = "With --network: instanceMemoryMB, 512, 2048 or 4096.", DefaultValueFactory = _ => 2_048 };
    readonly Option<int> _ready = new("--always-ready") { Description = "With --network: alwaysReady of the deployment.", DefaultValueFactory = _ => 1 };
    readonly Option<bool> _gpu = new("--gpu") { Description = "With --network: compute has a T4." };

    public void AddTo(Command command) => Array.ForEach<Option>([_network, _profile, _memory, _ready, _gpu], command.Options.Add);

    /// <summary>The document that was named, or null.</summary>
    public string? Network(ParseResult parsed) => parsed.GetValue(_network);

    /// <summary>How often nodes look at their queues.</summary>
    public LatencyProfile Profile(ParseResult parsed) => parsed.GetValue(_profile);

    public int Show(Output output, ParseResult parsed, PlanPrices prices)
    {
        string file = Network(parsed)!;
        // Arithmetic only: nothing is believed on its word, so an unsigned draft will do.
        if (!TrustStore.TryReadFile(file, out byte[]? bytes) || !SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed)
            || NetworkRules.Broken(signed.Document, NetworkRules.FewestReplicas).Count > 0)
        {
            return output.Error(ExitCode.Failed, $"{file} is not a network document.");
        }
        if (parsed.GetValue(_memory) is not (512 or 2_048 or 4_096) || parsed.GetValue(_ready) is < 0 or > 1_000)
        {
            return output.Error(ExitCode.Usage, "--memory is 512, 2048 or 4096, --always-ready a number from 0 on.");
        }
        NetworkDocument document = signed.Document;
        IdleSize size = new(parsed.GetValue(_memory) / 1_024.0, parsed.GetValue(_ready), parsed.GetValue(_gpu));
        IdlePlan plan = new(document, Profile(parsed).Pace());
        IReadOnlyList<(string Meter, double Dollars)> cost = plan.Monthly(prices, size);
        double total = cost.Sum(meter => meter.Dollars);
        output.Data(Line($"{document.Nodes.Count} nodes, idle: {plan.Packets:F2} packets/s, {plan.LinkSlots:F1} slots/s on links, {plan.OperationsPerSecond:F0} storage operations/s"));
        output.Data(Line($"{plan.Groups.Count} function groups at {plan.Groups.Select(group => group.Node).Distinct().Count()} apps, {plan.BusyInstances:F1} instances paid for, on average"));
        foreach ((string meter, double dollars) in cost)
        {
            output.Data(Line($"{meter}: {dollars:N0} $ a month"));
        }
        output.Data(Line($"together {total:N0} $ a month"));
        JsonObject json = new()
        {
            ["nodes"] = document.Nodes.Count,
            ["groups"] = plan.Groups.Count,
            ["busy_instances"] = Math.Round(plan.BusyInstances, 2),
            ["executions_per_s"] = Math.Round(plan.ExecutionsPerSecond, 2),
            ["transactions_per_s"] = Math.Round(plan.OperationsPerSecond),
            ["monthly_cost"] = Math.Round(total),
            ["meters"] = new JsonObject([.. cost.Select(meter => KeyValuePair.Create<string, JsonNode?>(meter.Meter, Math.Round(meter.Dollars, 2)))]),
        };
        if (document.Models is [{ } model, ..])
        {
            TimeSpan bucket = TimeSpan.FromMilliseconds(model.BucketsMilliseconds[0]);
            (double median, double p99) = LatencyPlan.Of(document, model, bucket, Profile(parsed).Pace().Poll);
            output.Data(Line($"a question: {median:F0} s median, {p99:F0} s 99th percentile"));
            json["latency_s"] = new JsonObject { ["p50"] = Math.Round(median, 1), ["p99"] = Math.Round(p99, 1) };
        }
        output.Data(json);
        return (int)ExitCode.Ok;
    }

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
