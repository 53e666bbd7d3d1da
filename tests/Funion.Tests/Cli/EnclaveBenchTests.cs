using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Tests.Cli;

/// <summary><c>funion bench enclave</c>, held to its contract.</summary>
public sealed class EnclaveBenchTests
{
    [Theory]
    [InlineData("hidden-model")]
    [InlineData("open-model")]
    public async Task It_prints_time_and_bytes_on_both_sides_and_whether_the_answer_is_the_references(string variant)
    {
        (int code, string data) = await RunAsync("--net", "digits", "--variant", variant, "--bits", "24", "--runs", "1", "--json");
        JsonNode row = JsonNode.Parse(data)!;
        Assert.Equal((0, "digits", variant, true), (code, (string)row["net"]!, (string)row["variant"]!, (bool)row["matches_reference"]!));
        Assert.True((double)row["seconds"]! >= (double)row["enclave_seconds"]! && (double)row["enclave_seconds"]! > 0);
        JsonArray layers = (JsonArray)row["layers"]!;
        Assert.Equal((long)row["bytes_in"]!, layers.Sum(layer => (long)layer!["bytes_in"]!));
        Assert.Equal((long)row["bytes_out"]!, layers.Sum(layer => (long)layer!["bytes_out"]!));
        Assert.Equal(variant == "hidden-model", (long)row["weight_bytes"]! > 0);
    }

    [Fact]
    public async Task Figures_out_of_range_are_a_usage_error()
    {
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--runs", "0")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--bits", "40")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--batch", "0")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--variant", "both")).Code);
        Assert.Equal((int)ExitCode.Failed, (await RunAsync("--enclave", "/nowhere/at/all")).Code);
    }

    static async Task<(int Code, string Data)> RunAsync(params string[] options)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), ["bench", "enclave", .. options], data, messages), data.ToString());
    }
}
