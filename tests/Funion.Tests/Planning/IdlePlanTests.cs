using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Funion.Cli;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Planning;
using Funion.Hosting;
using Funion.Network;
using Funion.Tests.Architecture;
using Funion.Tests.Infrastructure;
using Funion.Tests.Network;

namespace Funion.Tests.Planning;

/// <summary>What a network costs while nobody asks, and how long its clients wait, by its document.</summary>
public sealed partial class IdlePlanTests : IDisposable
{
    static readonly Rates s_slow = new()
    {
        MeanDelayMilliseconds = 2_000, ClientPerKilosecond = 100, ClientLoopPerKilosecond = 50, MixLoopPerKilosecond = 50, GatewayLoopPerKilosecond = 50,
        LinkPerKilosecond = 300, ComputePerKilosecond = 500,
    };

    readonly string _folder = Directory.CreateTempSubdirectory("funion-plan-").FullName;

    [Fact]
    public void Groups_are_those_that_the_platform_scales_by_itself()
    {
        RolesFile roles = RolesFile.Parse(RolesFile.Text());
        IdlePlan plan = new(Networks.Plan().Document, LatencyProfile.Responsive.Pace());
        Assert.Equal(17, plan.Groups.Select(group => group.Node).Distinct().Count());
        foreach (IGrouping<string, FunctionGroup> node in plan.Groups.GroupBy(group => group.Node))
        {
            string role = node.Key.Split('-')[0];
            IEnumerable<string> expected = [.. roles.Uses[role]["storage"], .. roles.Functions["node"]["timers"], .. roles.Uses[role]["http"].Length > 0 ? (string[])["http"] : []];
            Assert.Equal(expected.Order(), node.Select(group => group.Name).Order());
            IEnumerable<string> ready = roles.AlwaysReady[role]["storage"].Select(name => name.Replace("function:", "", StringComparison.Ordinal));
            Assert.Equal(ready.Order(), node.Where(group => group.Ready).Select(group => group.Name).Order());
        }
    }

    [Fact]
    public void An_instance_is_paid_for_while_anything_runs_on_it()
    {
        Assert.Equal(0, new FunctionGroup("n", "f", 0, 1, false).Busy);
        // Each second at least, and never more than all of the time.
        Assert.Equal(1 - Math.Exp(-0.05), new FunctionGroup("n", "f", 0.05, 0.01, false).Busy, 1e-9);
        Assert.Equal(1, new FunctionGroup("n", "f", 100, 1, false).Busy, 1e-6);
        Assert.Equal(2, new FunctionGroup("n", "f", 2 * TrafficPlan.MessagesPerInstance, 1, false).Busy, 1e-6);
    }

    [Fact]
    public void A_small_network_by_hand()
    {
        using LocalNetworkPlan network = Networks.Plan(new() { Rates = s_slow, MixesPerLayer = 1, Couriers = 1 });
        IdlePlan plan = new(network.Document, LatencyProfile.Responsive.Pace());
        // Compute 0.5 and its loops 0.05, three mixes and a gateway 0.05 each.
        Assert.Equal(0.75, plan.Packets, 1e-9);
        // Eight links of the courier, fifty-six between replicas.
        Assert.Equal(0.3 * 64, plan.LinkSlots, 1e-9);
        Assert.Equal((63 * 0.75) + (14 * 19.2) + (3 * 0.75) + plan.Polls, plan.OperationsPerSecond, 1e-6);
        FunctionGroup courier = plan.Groups.Single(group => (group.Node, group.Name) == ("courier-0", "Slots"));
        Assert.Equal(2.4, courier.PerSecond, 1e-9);
        IReadOnlyList<(string Meter, double Dollars)> small = plan.Monthly(PlanPrices.Standard(), new IdleSize(0.5, 0, false));
        Assert.Equal(plan.BusyInstances * 0.5 * 30.4 * 86_400 * 0.000026, small.Single(meter => meter.Meter == "function time on demand").Dollars, 1e-3);
        Assert.True(plan.Monthly(PlanPrices.Standard(), new IdleSize(2, 1, true)).Sum(meter => meter.Dollars) > small.Sum(meter => meter.Dollars));
    }

    [Fact]
    public void Patience_follows_the_network()
    {
        NetworkDocument fast = Networks.Plan().Document with { Models = [Networks.Model()] };
        Assert.Equal(TimeSpan.FromMinutes(5), LatencyPlan.Patience(fast));
        NetworkDocument slow = fast with { Rates = s_slow, Models = [Networks.Model(buckets: 60_000)] };
        TimeSpan bucket = TimeSpan.FromMinutes(1);
        (_, double p99) = LatencyPlan.Of(slow, slow.Models[0], bucket, TimeSpan.FromSeconds(1));
        Assert.InRange(LatencyPlan.Patience(slow).TotalSeconds, 1.5 * p99, 6 * p99);
        Assert.Equal(LatencyPlan.Patience(slow), LatencyPlan.Patience(slow, slow.Models[0], bucket));
    }

    [Fact]
    public async Task The_table_of_idle_networks_is_what_the_commands_beside_it_say()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "infra", "README.md"));
        string section = readme[readme.IndexOf("## What it costs to stand idle", StringComparison.Ordinal)..];
        List<JsonNode> plans = [];
        foreach (string line in Block().Match(section).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(word => word is "small" or "large" or "small.json" or "large.json" ? Path.Combine(_folder, word) : word)];
            using StringWriter data = new(), messages = new();
            Assert.True(await Invocation.RunAsync(FunionRoot.Create(), [.. words, "--json"], data, messages) == 0, messages.ToString());
            if (words[0] == "plan")
            {
                plans.Add(JsonNode.Parse(data.ToString())!);
            }
        }
        Assert.Equal(2, plans.Count);
        string N(JsonNode? value) => ((double)value!).ToString("N0", CultureInfo.InvariantCulture);
        Assert.All(plans[0]["meters"]!.AsObject(), meter => Assert.Contains($"| {meter.Key} | {N(meter.Value)} | {N(plans[1]["meters"]![meter.Key])} |", section, StringComparison.Ordinal));
        Assert.Contains($"| together | {N(plans[0]["monthly_cost"])} | {N(plans[1]["monthly_cost"])} |", section, StringComparison.Ordinal);
        Assert.Contains($"| groups of functions | {N(plans[0]["groups"])} | {N(plans[1]["groups"])} |", section, StringComparison.Ordinal);
        string front = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        Assert.All(plans, plan => Assert.Contains(N(plan["monthly_cost"]) + " $", front, StringComparison.Ordinal));
        string Share(JsonNode plan) => ((double)plan["busy_instances"]!).ToString("F1", CultureInfo.InvariantCulture);
        Assert.Contains($"| instances paid for, on average | {Share(plans[0])} | {Share(plans[1])} |", section, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "--network", "absent")]
    [InlineData(2, "--profile", "lazy")]
    public async Task What_is_no_network_is_said_so(int expected, params string[] options)
    {
        using StringWriter data = new(), messages = new();
        Assert.Equal(expected, await Invocation.RunAsync(FunionRoot.Create(), ["plan", .. options], data, messages));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex("```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
