using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Planning;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Planning;

/// <summary><c>funion plan two-party</c>, held to its contract.</summary>
public sealed class TwoPartyPlanTests
{
    /// <summary>From the tool's choice to an answer: what it writes is served, and asked by two parties.</summary>
    [Fact]
    public async Task What_it_chooses_is_written_with_its_samples_and_two_parties_run_it()
    {
        string folder = Directory.CreateTempSubdirectory("funion-plan-").FullName, file = Path.Combine(folder, "planned.onnx"), picture = Path.Combine(folder, "planned.svg");
        (int code, string data, _) = await RunAsync("digits", "--bytes", "10000000", "--bandwidth", "100Mbit/s", "--rtt", "20ms", "--svg", picture, "--out", file, "--json");
        JsonNode plan = JsonNode.Parse(data)!;
        Assert.Equal(((int)ExitCode.Ok, "digits", 1e8, 20.0), (code, (string)plan["net"]!, (double)plan["bandwidth_bit_s"]!, (double)plan["rtt_ms"]!));
        Assert.Equal([1_568, 784, 64], plan["activations"]!.AsArray().Select(values => (int)values!));
        // All eight, for there are so few; nothing exchanged costs what the bench counts, but for the headers of another sample set.
        JsonArray sets = plan["sets"]!.AsArray();
        Assert.Equal(8, sets.Count);
        Assert.Equal((2_416, 3, 4), ((int)sets[0]!["relus"]!, (int)sets[0]!["rounds"]!["offline"]!, (int)sets[0]!["rounds"]!["online"]!));
        Assert.All(sets, set => Assert.InRange((double)set!["accuracy"]!, 0, 1));
        int[] chosen = [.. plan["chosen"]!.AsArray().Select(place => (int)place!)];
        JsonNode row = sets.Single(set => set!["squares"]!.AsArray().Select(place => (int)place!).SequenceEqual(chosen))!;
        Assert.True((bool)row["within"]! && (bool)row["front"]! && (long)row["bytes"]!["offline"]! + (long)row["bytes"]!["online"]! <= 10_000_000);
        Assert.StartsWith("<svg", File.ReadAllText(picture), StringComparison.Ordinal);

        IntegerNetwork network = PrivateModels.TryLoad(file, out string problem)!;
        Assert.Equal("", problem);
        Assert.Equal((int)row["relus"]!, network.Activations);
        TwoParties parties = new(network);
        RingTensor input = network.Encode(DigitTrainer.HeldOutPicture(7, 4242));
        RingTensor answer = await parties.AskAsync(input);
        Assert.Equal(network.Run(input).ToSigned(), answer.ToSigned());
        Assert.Equal(((long)row["bytes"]!["offline"]!, (long)row["bytes"]!["online"]!), (parties.Client.Offline(Funion.Private.Protocol.TransferKind.SoftSpoken).Bytes, parties.Client.Online.Bytes));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Delphis_own_sets_stand_beside_ours()
    {
        (int code, string data, _) = await RunAsync("--net", "minionn", "--json");
        Assert.Equal((int)ExitCode.Ok, code);
        JsonArray delphi = JsonNode.Parse(data)!["delphi"]!.AsArray();
        Assert.Equal([173_056, 74_752, 20_480, 4_096, 0], delphi.Select(row => (int)row!["relus"]!));
        Assert.Equal([0.8480, 0.8587, 0.8533, 0.8306, 0.8295], delphi.Select(row => (double)row!["published_accuracy"]!));
        long[] ours = [.. delphi.Select(row => (long)row!["ours"]!["bytes"]!["offline"]!)];
        Assert.All(ours.Zip(ours.Skip(1)), pair => Assert.True(pair.Second < pair.First));
        Assert.Equal(3.6e9, (double)delphi[0]!["published_bytes"]!);
        Assert.Null(delphi[1]!["published_bytes"]);
        // No pictures of theirs are here.
        Assert.All(JsonNode.Parse(data)!["sets"]!.AsArray(), set => Assert.Null(set!["accuracy"]));
    }

    [Fact]
    public async Task What_cannot_be_is_said()
    {
        Assert.Equal((int)ExitCode.Usage, (await RunAsync()).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("digits", "--net", "digits")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("digits", "--bandwidth", "fast")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("digits", "--accuracy", "1.5")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("--net", "minionn", "--train")).Code);
        Assert.Equal((int)ExitCode.NoSuchModel, (await RunAsync("no-such.onnx")).Code);
        (int code, _, string messages) = await RunAsync("digits", "--bytes", "1000");
        Assert.Equal((int)ExitCode.Failed, code);
        Assert.Contains("within the budget", messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100Mbit/s", 12.5e6)]
    [InlineData("1Gbit/s", 125e6)]
    [InlineData("12.5MB/s", 12.5e6)]
    [InlineData("800bit/s", 100)]
    [InlineData("64kB/s", 64e3)]
    [InlineData("Mbit/s", 0)]
    [InlineData("0bit/s", 0)]
    [InlineData("-1Mbit/s", 0)]
    [InlineData("10", 0)]
    [InlineData("1e400Gbit/s", 0)]
    [InlineData("", 0)]
    public void Speeds_are_read_as_people_write_them(string text, double expected)
    {
        Assert.Equal(expected > 0, LineSpeed.TryParse(text, out double speed));
        Assert.True(expected == 0 || Math.Abs(speed - expected) < 1);
    }

    static async Task<(int Code, string Data, string Messages)> RunAsync(params string[] options)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), ["plan", "two-party", .. options], data, messages), data.ToString(), messages.ToString());
    }
}
