using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Verification;

namespace Funion.IntegrationTests;

/// <summary>Verified answers by the tool, over a network in memory. FUNION_HOME is the process's, hence in the collection of the other tests of the tool.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class VerifiedToolTests : IDisposable
{
    readonly MemoryNetworkFixture _network;
    readonly string _home = Directory.CreateTempSubdirectory("funion-verified-").FullName;
    readonly string? _before = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly string _seven, _samples;

    public VerifiedToolTests(MemoryNetworkFixture network)
    {
        _network = network;
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        (_seven, _samples) = (Path.Combine(_home, "seven.png"), Path.Combine(_home, "digits.samples"));
        File.WriteAllBytes(_seven, DigitModel.SamplePicture());
        File.WriteAllBytes(_samples, DigitSamples.Make(network.Host.Models[DigitModel.Name], 40, 20).ToBytes());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _before);
        try
        {
            Directory.Delete(_home, recursive: true);
        }
        catch (IOException)
        {
            // Another class's process-wide folder for a moment.
        }
    }

    [Fact]
    public async Task The_provider_that_runs_the_promised_model_is_confirmed_and_remembered()
    {
        (int code, JsonNode answer) = await AskAsync([_seven], "3", "--labelled", "2");
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("7", (string?)answer["label"]);
        JsonNode verified = answer["verified"]!;
        VerificationPlan plan = VerificationPlan.For(1, 3);
        Assert.Equal((plan.Copies, plan.Samples, plan.Runs + 2), ((int)verified["copies"]!, (int)verified["public"]!, (int)verified["runs"]!));
        Assert.True((double)verified["cheating_probability_log2"]! <= -3);
        // Plain questions are shown to the provider, and no answer says more than it can.
        Assert.Equal("a provider that does not compare inputs", (string?)verified["against"]);
        (code, JsonNode known) = await RunAsync("providers");
        Assert.Equal(0, code);
        JsonNode record = Assert.Single(known.AsArray())!;
        Assert.Equal((1, 0, 0), ((int)record["rounds"]!, (int)record["aborted"]!, (int)record["certified"]!["missed"]!));
        Assert.Equal((plan.Samples, 2), ((int)record["certified"]!["asked"]!, (int)record["labelled"]!["asked"]!));
        Assert.Equal(SamplePoolOutcome.Read, SamplePool.TryLoad(_samples, out SamplePool? pool));
        Assert.Equal((pool!.Certified.Count - plan.Samples, 18), new SampleDraws(Path.Combine(_home, "samples", "drawn")).Left([pool]));
    }

    [Fact]
    public async Task Another_model_than_the_promised_one_is_an_abort_with_exit_code_6()
    {
        // Promised is what a model certifies that has hardly learned anything; served is another one under its hash.
        using ModelRunner promised = ModelRunner.Load(DigitTrainer.Train(seed: 3, pictures: 320, _ => { }));
        SamplePool pool = DigitSamples.Make(promised, 40, 0, noise: 0) with { Model = new Bytes32(Convert.FromHexString(_network.Host.Models[DigitModel.Name].Sha256)) };
        File.WriteAllBytes(_samples, pool.ToBytes());
        (int code, JsonNode answer) = await AskAsync([_seven], "3", "--labelled", "0");
        Assert.Equal((int)ExitCode.VerificationFailed, code);
        Assert.Equal(6, (int)answer["error"]!["code"]!);
        Assert.Null(answer["outputs"]);
        (_, JsonNode known) = await RunAsync("providers");
        JsonNode record = Assert.Single(known.AsArray())!;
        Assert.Equal(1, (int)record["aborted"]!);
        Assert.Equal((int)record["certified"]!["asked"]!, (int)record["certified"]!["missed"]!);
    }

    /// <summary>Where inputs are hidden the promise is against any provider, and answers are exact: the certified ones bit for bit.</summary>
    [Fact]
    public async Task Where_inputs_are_hidden_nothing_is_moved_and_the_promise_is_against_any_provider()
    {
        ModelRunner digits = _network.Host.Models[DigitModel.Name];
        SamplePool pool = DigitSamples.Make(digits.Sha256, SampleForm.TwoParty, ExactRuns.Of(digits, DigitModel.Name), 10, 4);
        File.WriteAllBytes(_samples, pool.ToBytes());
        Assert.Equal(default, pool.Tolerance);
        (int code, JsonNode answer) = await AskAsync([_seven], "3", "--mode", "two-party", "--channel", "direct", "--labelled", "2");
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal(("7", "any provider"), ((string?)answer["label"], (string?)answer["verified"]!["against"]));
        Assert.Equal((int)answer["verified"]!["runs"]!, (int)answer["verified"]!["material"]!["made"]!);
        // One unit in the last place of one certified output, and the provider is not the promised one.
        byte[][] spoilt = [.. pool.Certified.Select(sample => sample.Output.ToArray())];
        Array.ForEach(spoilt, output => output[^4] ^= 1);
        File.WriteAllBytes(_samples, (pool with { Certified = [.. pool.Certified.Zip(spoilt, (sample, output) => (sample.Input, (ReadOnlyMemory<byte>)output))] }).ToBytes());
        Assert.Equal((int)ExitCode.VerificationFailed, (await AskAsync([_seven], "3", "--mode", "two-party", "--channel", "direct", "--labelled", "0")).Code);
    }

    [Fact]
    public async Task Questions_are_answered_now_and_checked_together_later()
    {
        string nine = Path.Combine(_home, "nine.png");
        Assert.Equal(0, (await Invocation.RunAsync(FunionRoot.Create(), ["model", "draw-digit", "9", "--out", nine], TextWriter.Null, TextWriter.Null)));
        (int code, JsonNode now) = await AskAsync([_seven], "3", "--later");
        Assert.True(code == 0, now.ToJsonString());
        Assert.Equal(("7", false, 1), ((string?)now["label"], (bool)now["verified"]!, (int)now["pending"]!));
        (code, JsonNode checkedLater) = await AskAsync([nine], "3", "--pending", "--labelled", "0");
        Assert.True(code == 0, checkedLater.ToJsonString());
        Assert.Equal([("seven.png", "7"), ("nine.png", "9")], checkedLater["answers"]!.AsArray().Select(answer => ((string)answer!["input"]!, (string)answer["label"]!)));
        Assert.Equal(2, (int)checkedLater["verified"]!["queries"]!);
        // Nothing waits any more.
        (code, checkedLater) = await AskAsync([], "3", "--pending");
        Assert.Equal((0, 0), (code, checkedLater["answers"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_provider_that_was_found_to_run_another_model_is_not_asked_in_any_way_until_it_is_forgotten()
    {
        Network.ModelEntry model = _network.Host.Signed.Document.Model(DigitModel.Name)!;
        Bytes32 provider = new(model.Compute.AsSpan());
        new ProviderLedger(HomeLedger.Folder).TryRecord(new Bytes32(Convert.FromHexString(model.Sha256)), [(provider, new ProviderEvidence(60, 0, 0, 0, 50, 10))], true, 0.99);
        (int code, JsonNode error) = await RunAsync("infer", DigitModel.Name, _seven, "--network", _network.Document);
        Assert.Equal((6, 6), (code, (int)error["error"]!["code"]!));
        Assert.Equal(6, (await AskAsync([_seven], "3", "--later")).Code);
        Assert.Equal(6, (await AskAsync([_seven], "3")).Code);
        Assert.Equal(0, (await RunAsync("providers", "--forget", provider.ToString()[..16])).Code);
        (code, JsonNode later) = await AskAsync([_seven], "3", "--later");
        Assert.True(code == 0, later.ToJsonString());
        // What is said to do next asks as this was asked.
        Assert.Contains($"--pending --network {_network.Document} --samples {_samples}", (string)later["messages"]!, StringComparison.Ordinal);
        Assert.Single((await RunAsync("pending")).Answer.AsArray());
    }

    [Fact]
    public async Task What_does_not_go_together_is_said_before_anything_is_asked()
    {
        Assert.Equal((int)ExitCode.Usage, (await AskAsync([_seven], "0")).Code);
        Assert.Equal((int)ExitCode.Usage, (await AskAsync([_seven, _seven], "3", "--later")).Code);
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("infer", DigitModel.Name, _seven, _seven, "--network", _network.Document)).Code);
        Assert.Equal((int)ExitCode.Failed, (await RunAsync("infer", DigitModel.Name, _seven, "--verify", "3", "--network", _network.Document)).Code);
        Assert.Equal((int)ExitCode.Failed, (await AskAsync([_seven], "3", "--samples", _seven)).Code);
        // More than there are samples for: nothing was used up by that.
        File.WriteAllBytes(_samples, DigitSamples.Make(_network.Host.Models[DigitModel.Name], 10, 0).ToBytes());
        (int code, JsonNode error) = await AskAsync([_seven], "40");
        Assert.True(code == (int)ExitCode.Failed, error.ToJsonString());
        Directory.CreateDirectory(HomeLedger.Folder);
        OwnerFile.Write(Path.Combine(HomeLedger.Folder, "providers"), "something else"u8);
        Assert.Equal((int)ExitCode.VerificationFailed, (await RunAsync("providers")).Code);
        Assert.Equal((int)ExitCode.VerificationFailed, (await AskAsync([_seven], "3")).Code);
        Assert.Equal(0, (await RunAsync("providers", "--forget", "all")).Code);
    }

    Task<(int Code, JsonNode Answer)> AskAsync(string[] inputs, string lambda, params string[] more) =>
        RunAsync([ "infer", DigitModel.Name, .. inputs, "--verify", lambda, "--network", _network.Document, "--samples", _samples, .. more]);

    static async Task<(int Code, JsonNode Answer)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, "--json"], data, messages);
        JsonNode answer = JsonNode.Parse(data.ToString())!;
        if (answer is JsonObject whole)
        {
            // For whoever reads why a test failed.
            whole["messages"] = messages.ToString();
        }
        return (code, answer);
    }
}
