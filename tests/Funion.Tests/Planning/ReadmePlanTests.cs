using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Tests.Architecture;

namespace Funion.Tests.Planning;

/// <summary>The README's figures of deployments are what the command prints.</summary>
public sealed class ReadmePlanTests
{
    static readonly string s_readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Theory]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task A_row_is_what_the_plan_says(long users)
    {
        string number = users.ToString(CultureInfo.InvariantCulture);
        string[] lines = (await RunAsync("plan", "--users", number)).Split('\n');
        JsonNode plan = JsonNode.Parse(await RunAsync("plan", "--users", number, "--json"))!;
        string packets = lines[0].Split(' ')[2];
        string nodes = string.Join(", ", plan["nodes"]!.AsObject().Select(role => (int)role.Value!));
        string[] question = lines.Single(line => line.StartsWith("a question: ", StringComparison.Ordinal)).Split(' ');
        Assert.Contains(
            $"| {N(users)} | {packets} | {N((double)plan["transactions_per_s"]!)} | {nodes} | {N((double)plan["instances"]!)} "
            + $"| {N((double)plan["monthly_cost"]!)} | {question[2]} s, {question[5]} s |",
            s_readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_in_the_plan_s_order()
    {
        JsonNode plan = JsonNode.Parse(await RunAsync("plan", "--users", "100000", "--json"))!;
        string section = s_readme[s_readme.IndexOf("## Where it breaks", StringComparison.Ordinal)..s_readme.IndexOf("## Questions", StringComparison.Ordinal)];
        Assert.All(plan["limits"]!.AsArray().Take(7), limit => Assert.Contains(
            N(Math.Floor(100_000 / (double)limit!["load"]!)), section, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--users", "1000000", "--rate", "0.05/s")]
    [InlineData("--users", "1000000", "--rate", "0.02/s")]
    public async Task A_sum_is_what_the_plan_says(params string[] options) =>
        Assert.Contains(N((double)JsonNode.Parse(await RunAsync(["plan", .. options, "--json"]))!["monthly_cost"]!) + " $", s_readme, StringComparison.Ordinal);

    static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static async Task<string> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        Assert.Equal(0, await Invocation.RunAsync(FunionRoot.Create(), arguments, data, messages));
        return data.ToString();
    }
}
