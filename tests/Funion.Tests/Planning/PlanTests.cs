using System.Text;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Planning;
using Funion.Inference;
using Funion.Network;
using Funion.Tests.Simulation;

namespace Funion.Tests.Planning;

/// <summary>The plan's arithmetic, by hand, by its rules, and against a network that runs.</summary>
public sealed class PlanTests
{
    static readonly Rates s_rates = new() { MeanDelayMilliseconds = 2_000, ClientPerKilosecond = 100, ClientLoopPerKilosecond = 50 };

    [Fact]
    public void A_thousand_users_by_hand()
    {
        TrafficPlan plan = new(Request(1_000));
        // 0.278 questions/s, four exchanges each, 0.8 of the slots: 1.39/s of compute; 150/s of clients; 0.05/s of compute's loops.
        Assert.Equal(1.389, plan.ComputePerSecond, 0.001);
        Assert.Equal(151.44, plan.Packets, 0.01);
        // There and back, seven operations each.
        Assert.Equal(2 * 7 * 151.44, plan.Mix.Operations, 0.1);
        // 3/4 poll per packet: 1.5 × what is sent, two at a time.
        Assert.Equal((1_000 * 0.1125) + (1.5 * 1.389 / 2), plan.PollsPerSecond, 0.6);
        double day = 86_400 * ((0.15 * 9_402) + (0.113 * (72 + (2 * 8_784))));
        Assert.InRange(plan.ClientBytesPerDay, 0.95 * day, 1.05 * day);
    }

    [Fact]
    public void Nodes_are_enough_and_one_less_would_not_be()
    {
        for (long users = 1; users <= 100_000_000; users *= 10)
        {
            TrafficPlan plan = new(Request(users));
            foreach (RolePlan role in plan.Roles)
            {
                int nodes = TrafficPlan.Nodes(role);
                Assert.True(role.Operations / nodes <= 0.7 * TrafficPlan.AccountLimit + 1e-6 && role.Messages / nodes <= 0.7 * TrafficPlan.QueueLimit + 1e-6);
                Assert.True(nodes == role.Least || role.Operations / (nodes - 1) > 0.7 * TrafficPlan.AccountLimit
                    || role.Messages / (nodes - 1) > 0.7 * TrafficPlan.QueueLimit);
            }
        }
    }

    [Fact]
    public void The_first_limit_is_at_its_limit_when_it_breaks()
    {
        PlanLimit first = new TrafficPlan(Request(100_000)).Limits[0];
        PlanLimit there = new TrafficPlan(Request((long)(100_000 / first.Load))).Limits[0];
        Assert.Equal(first.Name, there.Name);
        Assert.Equal(1, there.Load, 0.01);
    }

    [Fact]
    public void More_of_anything_costs_no_less()
    {
        double Cost(PlanRequest request) => PlanPrices.Standard().Monthly(new TrafficPlan(request)).Sum(meter => meter.Dollars);
        PlanRequest one = Request(10_000);
        Assert.True(Cost(one) < Cost(one with { Users = 20_000 }));
        Assert.True(Cost(one) < Cost(one with { Rates = s_rates with { ClientPerKilosecond = 200 } }));
        Assert.True(Cost(one) < Cost(one with { UserPayload = 30_000 }));
        Assert.True(Cost(one) <= Cost(one with { QuestionsPerHour = 60 }));
    }

    [Fact]
    public void Latency_is_what_a_network_that_runs_takes()
    {
        using SimulatedNetwork network = new(seed: 5);
        PlanRequest request = new(1, network.Document.Rates, TimeSpan.FromSeconds(5), 2_000, 1) { Polling = TimeSpan.Zero };
        (double median, double p99) = LatencyPlan.Of(request, network.Document.Rates.ComputePerSecond);
        Assert.True(p99 > median);
        network.Run.For(TimeSpan.FromMinutes(1));
        List<double> took = [];
        for (int i = 0; i < 15; i++)
        {
            DateTimeOffset begun = network.Time.GetUtcNow();
            network.Run.Until(
                network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5)), TimeSpan.FromMinutes(5));
            took.Add((network.Time.GetUtcNow() - begun).TotalSeconds);
        }
        took.Sort();
        Assert.InRange(took[took.Count / 2], 0.7 * median, 1.4 * median);
    }

    [Fact]
    public void A_price_table_is_whole_or_refused()
    {
        string table = """
            {"queue_operations_per_10k":1,"table_operations_per_10k":1,"blob_writes_per_10k":1,"blob_reads_per_10k":1,"function_gb_second":1,
             "function_ready_gb_second":1,"function_ready_active_gb_second":1,"container_core_second":1,"container_gib_second":1,
             "function_million_executions":1,"gpu_second":1,"egress_gb":1}
            """;
        Assert.NotNull(PlanPrices.TryParse(Encoding.UTF8.GetBytes(table), out _));
        Assert.Null(PlanPrices.TryParse(Encoding.UTF8.GetBytes(table.Replace("gpu_second", "gpu", StringComparison.Ordinal)), out string problem));
        Assert.Contains("gpu_second", problem, StringComparison.Ordinal);
        foreach (string bad in (string[])["", "[]", "7", "{", table.Replace("\"egress_gb\":1", "\"egress_gb\":-1", StringComparison.Ordinal)])
        {
            Assert.Null(PlanPrices.TryParse(Encoding.UTF8.GetBytes(bad), out problem));
            Assert.NotEmpty(problem);
        }
    }

    [Fact]
    public async Task The_command_prints_what_it_promises()
    {
        (int code, string data, _) = await RunAsync("plan", "--users", "1000000", "--rate", "0.1/s", "--mean-delay", "2s", "--bucket", "60s", "--json");
        JsonNode plan = JsonNode.Parse(data)!;
        Assert.Equal(0, code);
        Assert.True((double)plan["transactions_per_s"]! > 1e6);
        Assert.NotEmpty((string)plan["first_limit"]!);
        Assert.True((int)plan["instances"]! > 100);
        Assert.True((double)plan["monthly_cost"]! > 0);
        Assert.True((double)plan["latency_s"]!["p99"]! > (double)plan["latency_s"]!["p50"]!);
        Assert.True((long)plan["client_bytes_per_day"]! > 100_000_000);
        Assert.Equal((double)plan["monthly_cost"]!, plan["meters"]!.AsObject().Sum(meter => (double)meter.Value!), 5.0);
    }

    [Theory]
    [InlineData("--users", "0")]
    [InlineData("--rate", "fast")]
    [InlineData("--mean-delay", "2")]
    [InlineData("--payload", "10")]
    public async Task What_is_no_deployment_is_a_usage_error(string option, string value) => Assert.Equal(2, (await RunAsync("plan", option, value)).Code);

    [Fact]
    public async Task A_price_table_that_is_not_there_is_said_so()
    {
        (int code, _, string messages) = await RunAsync("plan", "--prices", "absent.json");
        Assert.Equal(1, code);
        Assert.Contains("absent.json", messages, StringComparison.Ordinal);
    }

    static PlanRequest Request(long users) => new(users, s_rates, TimeSpan.FromSeconds(60), 8_000, 1);

    static async Task<(int Code, string Data, string Messages)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), arguments, data, messages), data.ToString(), messages.ToString());
    }
}
