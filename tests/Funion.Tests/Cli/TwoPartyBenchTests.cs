using System.Text.Json.Nodes;
using Funion.Cli.Benches;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Tests.Cli;

/// <summary><c>funion bench two-party</c>, held to its contract.</summary>
public sealed class TwoPartyBenchTests
{
    [Fact]
    public async Task It_prints_both_phases_and_whether_the_answer_is_the_references()
    {
        (int code, string data) = await RunAsync("--net", "digits", "--ot", "softspoken", "--bits", "24", "--runs", "2", "--json");
        JsonNode row = JsonNode.Parse(data)!;
        Assert.Equal((0, "digits", 2_416, true), (code, (string)row["net"]!, (int)row["relus"]!, (bool)row["matches_reference"]!));
        // Sizes follow from the architecture: any change of them is one of the protocol.
        Assert.Equal((18_807_562, 3), ((long)row["offline"]!["bytes"]!, (int)row["offline"]!["rounds"]!));
        Assert.Equal((3_668_300, 4), ((long)row["online"]!["bytes"]!, (int)row["online"]!["rounds"]!));
        Assert.True((double)row["offline"]!["seconds"]! > 0 && (double)row["online"]!["seconds"]! > 0);
    }

    [Fact]
    public async Task Activations_that_are_named_are_squares()
    {
        (int code, string data) = await RunAsync("--net", "digits", "--squares", "0,1", "--runs", "1", "--json");
        JsonNode row = JsonNode.Parse(data)!;
        Assert.Equal((0, 64, 2_352, true), (code, (int)row["relus"]!, (int)row["squares"]!, (bool)row["matches_reference"]!));
        Assert.Equal((3, 6), ((int)row["offline"]!["rounds"]!, (int)row["online"]!["rounds"]!));
    }

    [Fact]
    public async Task Figures_out_of_range_are_a_usage_error()
    {
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--runs", "0")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--bits", "50")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--net", "vgg")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--squares", "3")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--squares", "0,x")).Code);
    }

    static async Task<(int Code, string Data)> RunAsync(params string[] options)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), ["bench", "two-party", .. options], data, messages), data.ToString());
    }
}
