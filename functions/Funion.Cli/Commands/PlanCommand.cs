using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Planning;
using Funion.Hosting;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion plan</c>: what a deployment of a size costs, how fast it is, and what breaks first.</summary>
static class PlanCommand
{
    public static Command Create()
    {
        Option<long> users = new("--users") { Description = "Clients that are always online.", DefaultValueFactory = _ => 1_000 };
        Option<string> rate = new("--rate") { Description = "A client's packets; half as many loops beside them.", DefaultValueFactory = _ => "0.1/s" };
        Option<string> meanDelay = new("--mean-delay") { Description = "Mean delay of a hop.", DefaultValueFactory = _ => "2s" };
        Option<string> bucket = new("--bucket") { Description = "Latency bucket.", DefaultValueFactory = _ => "60s" };
        Option<int> payload = new("--payload") { Description = "Bytes that a packet carries.", DefaultValueFactory = _ => 8_000 };
        Option<double> questions = new("--questions") { Description = "Of each user, per hour.", DefaultValueFactory = _ => 1 };
        Option<string?> prices = new("--prices") { Description = "A price table like infra/prices.json." };
        PlanNetworkView network = new();
        Option<bool> json = Invocation.JsonOption();
        Command command = new("plan", "On paper: operations, limits, nodes, cost, latency, bandwidth of a deployment in the cloud.")
        {
            users, rate, meanDelay, bucket, payload, questions, prices, json, PlanVerifyCommand.Create(), PlanTwoPartyCommand.Create(),
        };
        network.AddTo(command);
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseRate(parsed.GetRequiredValue(rate), out int perKilosecond) || perKilosecond < 2
                || !Quantity.TryParseDuration(parsed.GetRequiredValue(meanDelay), out TimeSpan delay)
                || !Quantity.TryParseDuration(parsed.GetRequiredValue(bucket), out TimeSpan width)
                || parsed.GetValue(users) is < 1 or > 1_000_000_000 || parsed.GetValue(payload) is < 1_000 or > 100_000
                || parsed.GetValue(questions) is not (>= 0 and <= 3_600))
            {
                return output.Error(
                    ExitCode.Usage, "--users and --payload take numbers, --rate a rate such as 0.1/s, --mean-delay and --bucket durations such as 2s.");
            }
            PlanPrices? table = PlanPrices.Standard();
            string problem = "";
            if (parsed.GetValue(prices) is { } file)
            {
                table = File.Exists(file) ? PlanPrices.TryParse(File.ReadAllBytes(file), out problem) : null;
                if (table is null)
                {
                    return output.Error(ExitCode.Failed, problem.Length > 0 ? problem : $"There is no file {file}.");
                }
            }
            if (network.Network(parsed) is not null)
            {
                return network.Show(output, parsed, table);
            }
            Rates rates = new()
            {
                MeanDelayMilliseconds = (int)delay.TotalMilliseconds, ClientPerKilosecond = perKilosecond, ClientLoopPerKilosecond = perKilosecond / 2,
            };
            PlanRequest request = new(parsed.GetValue(users), rates, width, parsed.GetValue(payload), parsed.GetValue(questions))
            {
                Polling = network.Profile(parsed).Pace().Poll,
            };
            Show(output, request, table);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static void Show(Output output, PlanRequest request, PlanPrices prices)
    {
        TrafficPlan plan = new(request);
        (double median, double p99) = LatencyPlan.Of(request, plan.ComputePerSecond);
        IReadOnlyList<(string Meter, double Dollars)> cost = prices.Monthly(plan);
        double total = cost.Sum(meter => meter.Dollars);
        PlanLimit first = plan.Limits[0];
        long breaksAt = (long)(request.Users / first.Load);

        output.Data(Line($"{request.Users:N0} users: {plan.Packets:N0} packets/s, {plan.OperationsPerSecond:N0} storage operations/s"));
        output.Data(Line($"first limit of the smallest network: {first.Name}, at {breaksAt:N0} users; then: {first.Then}"));
        foreach (RolePlan role in plan.Roles)
        {
            output.Data(Line($"{TrafficPlan.Nodes(role)} × {role.Name}: {role.Operations:N0} operations/s, {role.Messages:N0} messages/s"));
        }
        output.Data(Line($"{plan.Instances:N0} function instances"));
        foreach ((string meter, double dollars) in cost)
        {
            output.Data(Line($"{meter}: {dollars:N0} $ a month"));
        }
        output.Data(Line($"together {total:N0} $ a month, {total / request.Users:N2} $ a user"));
        output.Data(Line($"a question: {median:F0} s median, {p99:F0} s 99th percentile"));
        output.Data(Line($"each client: {plan.ClientBytesPerDay / 1e6:N0} MB a day, up and down"));

        output.Data(new JsonObject
        {
            ["users"] = request.Users,
            ["transactions_per_s"] = Math.Round(plan.OperationsPerSecond),
            ["first_limit"] = first.Name,
            ["first_limit_at_users"] = breaksAt,
            ["instances"] = plan.Instances,
            ["nodes"] = new JsonObject([.. plan.Roles.Select(role => KeyValuePair.Create<string, JsonNode?>(role.Name, TrafficPlan.Nodes(role)))]),
            ["limits"] = new JsonArray([.. plan.Limits.Select(limit => (JsonNode)new JsonObject
            {
                ["name"] = limit.Name, ["per_s"] = Math.Round(limit.Demand, 1), ["limit_per_s"] = limit.Limit, ["load"] = Math.Round(limit.Load, 4),
            })]),
            ["monthly_cost"] = Math.Round(total),
            ["meters"] = new JsonObject([.. cost.Select(meter => KeyValuePair.Create<string, JsonNode?>(meter.Meter, Math.Round(meter.Dollars, 2)))]),
            ["latency_s"] = new JsonObject { ["p50"] = Math.Round(median, 1), ["p99"] = Math.Round(p99, 1) },
            ["client_bytes_per_day"] = plan.ClientBytesPerDay,
        });
    }

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
