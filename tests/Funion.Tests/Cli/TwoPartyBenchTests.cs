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
        Assert.Equal((18_807_566, 3), ((long)row["offline"]!["bytes"]!, (int)row["offline"]!["rounds"]!));
        Assert.Equal((3_668_304, 4), ((long)row["online"]!["bytes"]!, (int)row["online"]!["rounds"]!));
        Assert.True((double)row["offline"]!["seconds"]! > 0 && (double)row["online"]!["seconds"]! > 0);
    }

    /// <summary>The last of each line is of its base: no points, but an extension of 128 transfers.</summary>
    [Fact]
    public async Task Lines_in_memory_are_asked_all_at_once_and_say_what_the_processor_took()
    {
        (int code, string data) = await RunAsync("--net", "digits", "--ot", "softspoken", "--bits", "24", "--runs", "6", "--lines", "2", "--json");
        JsonNode row = JsonNode.Parse(data)!;
        Assert.Equal((0, 6, 2, true), (code, (int)row["runs"]!, (int)row["lines"]!, (bool)row["matches_reference"]!));
        Assert.InRange((double)row["cpu_seconds"]!, 0.005, 60);
        Assert.Equal(3_668_304, (long)row["online"]!["bytes"]!);
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
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--lines", "65")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--squares", "3")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--squares", "0,x")).Code);
    }

    static async Task<(int Code, string Data)> RunAsync(params string[] options)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), ["bench", "two-party", .. options], data, messages), data.ToString());
    }
}
