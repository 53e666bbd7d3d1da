using System.Text.Json.Nodes;
using Funion.Cli.Benches;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Tests.Cli;

/// <summary>The benches that are short enough to run here: what they print, and that every packet came through.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task A_box_id_costs_little_more_than_the_multiplication_in_it()
    {
        JsonNode row = await JsonAsync("boxes");
        Assert.InRange((double)row["box_id_us"]!, (double)row["scalarmult_us"]! / 2, double.MaxValue);
        Assert.True((double)row["ratio"]! > 0.5 && (double)row["open_us"]! > (double)row["verify_us"]! / 2);
    }

    [Fact]
    public async Task A_hop_is_unwrapped_without_allocation_at_every_size()
    {
        JsonArray rows = (await JsonAsync("sphinx")).AsArray();
        Assert.Equal([2_000, 8_000, 30_000], rows.Select(row => (int)row!["payload"]!));
        Assert.All(rows, row =>
        {
            Assert.Equal(0, (int)row!["allocated_bytes"]!);
            Assert.All((string[])["unwrap_us", "floor_us", "ratio", "build_us", "build_ratio", "build_surb_us", "build_surb_ratio", "hctr2_ratio"], name =>
                Assert.True((double)row[name]! > 0, name));
        });
    }

    [Fact]
    public async Task Every_packet_comes_through_the_mix()
    {
        JsonNode row = await JsonAsync("mix", "--packets", "64");
        Assert.Equal(("memory", 64, 0), ((string?)row["store"], (int)row["packets"]!, (int)row["late"]!));
        Assert.True((double)row["packets_per_s"]! > 0 && (double)row["least_per_s"]! <= (double)row["most_per_s"]!);
    }

    [Fact]
    public async Task A_batch_goes_through_compute()
    {
        JsonNode row = await JsonAsync("inference", "--batch", "3", "--layers", "1");
        Assert.Equal((3, 1), ((int)row["batch"]!, (int)row["layers"]!));
        Assert.True((double)row["open_ms"]! > 0 && (double)row["model_ms"]! > 0 && (double)row["seal_ms"]! > 0);
    }

    [Fact]
    public async Task Growth_is_measured_step_by_step_and_drawn()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("funion-growth-");
        string picture = Path.Combine(folder.FullName, "growth.svg");
        JsonArray rows = (await JsonAsync("growth", "--most", "1000", "--svg", picture)).AsArray();
        Assert.Equal(6, rows.Count);
        Assert.All(rows, row => Assert.True(row!["steps"]!.AsArray().Count >= 2 && row["steps"]!.AsArray().All(step => (double)step!["each_us"]! > 0)));
        // Other tests allocate meanwhile: how small a tag is shows only in a process of its own.
        Assert.Single(rows, row => row!["bytes_each"] is not null);
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(picture));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("inference", "--batch", "0")]
    [InlineData("mix", "--packets", "31")]
    [InlineData("mix", "--store", "paper")]
    public async Task What_cannot_be_measured_is_a_usage_error(params string[] arguments)
    {
        (int code, string text) = await RunAsync(arguments);
        Assert.Equal(((int)ExitCode.Usage, ""), (code, text));
    }

    [Fact]
    public void The_middle_of_some_values_and_the_bytes_of_a_call()
    {
        Assert.Equal(2, Timing.Median([3, 1, 2]));
        byte[]? kept = null;
        Assert.InRange(Timing.Allocated(() => kept = new byte[1_000], 50), 1_000, 1_100);
        Assert.NotNull(kept);
        Assert.Equal(0, Timing.Allocated(() => { }, 50));
    }

    static async Task<JsonNode> JsonAsync(params string[] arguments)
    {
        (int code, string text) = await RunAsync([.. arguments, "--json"]);
        Assert.Equal((int)ExitCode.Ok, code);
        return JsonNode.Parse(text)!;
    }

    static async Task<(int Code, string Data)> RunAsync(string[] arguments)
    {
        StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), ["bench", .. arguments], data, messages), data.ToString());
    }
}
