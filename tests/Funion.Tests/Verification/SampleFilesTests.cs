using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>What <c>model samples</c> makes of folders, what it says of a file, and what it says where something is missing.</summary>
[Collection(nameof(FunionHome))]
public sealed class SampleFilesTests : IDisposable
{
    readonly string _home = Directory.CreateTempSubdirectory("funion-samples-").FullName;
    readonly string? _before = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly ScriptedAsking _way = new((_, input) => ScriptedAsking.Honest(input));
    string _said = "";

    public SampleFilesTests()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        Directory.CreateDirectory(Path.Combine(_home, "samples"));
        File.WriteAllBytes(At("model.onnx"), DigitModel.File());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _before);
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task What_is_missing_is_named_and_the_hint_can_be_typed()
    {
        Assert.Equal(2, await MakeAsync());
        Assert.Contains("--certified", _said, StringComparison.Ordinal);
        Assert.Contains($"hint: funion model samples {At("model.onnx")} --certified FOLDER --out {At("a.samples")}", _said, StringComparison.Ordinal);
        Assert.Equal(1, await MakeAsync("--certified", At("none")));
        Assert.Contains($"There is no folder {At("none")}.", _said, StringComparison.Ordinal);
        Assert.Equal(1, await MakeAsync("--labelled", At("none")));
        Assert.Contains($"There is no folder {At("none")}.", _said, StringComparison.Ordinal);
        Directory.CreateDirectory(At("empty"));
        Assert.Equal(1, await MakeAsync("--certified", At("empty")));
        Assert.Contains($"There are no inputs in {At("empty")}.", _said, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("model", "samples", At("no.onnx"), "--out", At("a.samples")));
        Assert.Contains($"There is no file {At("no.onnx")}.", _said, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("model", "samples", DigitModel.Name, "--count", "1", "--out", At("none/a.samples")));
        Assert.Contains($"There is no folder {At("none")}.", _said, StringComparison.Ordinal);
        using (Funion.Models.ModelRunner digits = Funion.Models.ModelRunner.Load(DigitModel.File()))
        {
            Assert.Equal("funion model samples digits --mode two-party --out FILE", SamplesVerb.Making(digits.Sha256, SampleForm.TwoParty));
        }
    }

    [Fact]
    public async Task An_input_counts_once_and_what_was_left_out_is_said()
    {
        foreach ((string file, int digit, int seed) in (ReadOnlySpan<(string, int, int)>)
            [("in/a", 1, 1), ("in/b", 2, 2), ("in/c", 1, 1), ("by/1/a", 1, 1), ("by/3/a", 3, 3), ("by/3/b", 3, 3), ("by/4/a", 4, 4)])
        {
            Picture(file, digit, seed);
        }
        Assert.Equal(0, await MakeAsync("--certified", At("in"), "--labelled", At("by"), "--json"));
        Assert.Contains(": 3 left out", _said, StringComparison.Ordinal);
        Assert.Equal(SamplePoolOutcome.Read, SamplePool.TryLoad(At("a.samples"), out SamplePool? pool));
        Assert.Equal((2, "3 4"), (pool!.Certified.Count, string.Join(' ', pool.Labelled.Select(sample => sample.Label))));
        Picture("by/5/a", 3, 3);
        Assert.Equal(1, await MakeAsync("--labelled", At("by")));
        Assert.Contains("another label's folder", _said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_there_is_written_over_only_when_that_is_asked_for()
    {
        Picture("in/a", 1, 1);
        Assert.Equal(0, await MakeAsync("--certified", At("in")));
        Assert.DoesNotContain("left out", _said, StringComparison.Ordinal);
        byte[] first = File.ReadAllBytes(At("a.samples"));
        // The same again is no loss.
        Assert.Equal(0, await MakeAsync("--certified", At("in")));
        Picture("in/b", 2, 2);
        Assert.Equal(1, await MakeAsync("--certified", At("in")));
        Assert.Contains("--replace", _said, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllBytes(At("a.samples")));
        Assert.Equal(0, await MakeAsync("--certified", At("in"), "--replace"));
        Assert.NotEqual(first, File.ReadAllBytes(At("a.samples")));
    }

    [Fact]
    public async Task A_file_says_how_many_are_unused_and_whether_anything_is_promised()
    {
        SamplePool pool = ScriptedAsking.Pool(8, 4);
        File.WriteAllBytes(At("a.samples"), pool.ToBytes());
        HomeSamples samples = Find(SampleForm.TwoParty, out _, At("a.samples"))!;
        Assert.NotNull((await samples.DrawAsync(Quiet, 5, 1, default)).Draw);
        Assert.Equal(0, await RunAsync("model", "samples", At("a.samples"), "--json"));
        JsonNode said = JsonNode.Parse(_said)!;
        Assert.Equal((8, 3, 4, 3), ((int)said["certified"]!, (int)said["unused_certified"]!, (int)said["labelled"]!, (int)said["unused_labelled"]!));
        Assert.Equal(0, await RunAsync("model", "samples", At("a.samples")));
        Assert.Contains("unused: 3 certified samples, 3 labelled ones", _said, StringComparison.Ordinal);
        Assert.Contains("promised accuracy 90.00", _said, StringComparison.Ordinal);
        File.WriteAllBytes(At("b.samples"), ScriptedAsking.Pool(8, 0).ToBytes());
        Assert.Equal(0, await RunAsync("model", "samples", At("b.samples")));
        Assert.Contains("none promised", _said, StringComparison.Ordinal);
        // A round that finds too few says how many there are, and makes more for its own mode.
        using StringWriter messages = new();
        Assert.Equal(1, (await samples.DrawAsync(new Output(TextWriter.Null, messages, json: false), 5, 0, default)).Code);
        Assert.Contains("takes 5 certified samples, and 3 are left", messages.ToString(), StringComparison.Ordinal);
        Assert.Contains("--certified FOLDER --mode two-party --out FILE", messages.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_another_model_or_mode_are_told_apart_and_the_hint_names_the_mode()
    {
        SamplePool pool = ScriptedAsking.Pool(8, 0);
        File.WriteAllBytes(At("a.samples"), pool.ToBytes());
        Assert.Null(Find(SampleForm.Plain, out string said, At("a.samples")));
        Assert.Contains("for the two-party and enclave modes, where the question is asked in the plain mode", said, StringComparison.Ordinal);
        File.WriteAllBytes(At("a.samples"), (pool with { Model = new Bytes32([.. Enumerable.Repeat((byte)9, 32)]) }).ToBytes());
        Assert.Null(Find(SampleForm.TwoParty, out said, At("a.samples")));
        Assert.Contains("of another model: of 090909090909, where 'doubler' is 070707070707", said, StringComparison.Ordinal);
        Assert.Null(Find(SampleForm.TwoParty, out said));
        Assert.Contains("funion model samples MODEL.onnx --certified FOLDER --mode two-party --out FILE", said, StringComparison.Ordinal);
    }

    /// <summary>Said before anything starts: here nothing does, for the model is none.</summary>
    [Fact]
    public async Task A_model_without_inputs_beside_it_is_said_not_to_be_offered_for_two_parties()
    {
        File.WriteAllText(At("x.onnx"), "none");
        string[] up = ["up", "--model", $"squares={At("x.onnx")}", "--listen", "127.0.0.1:0", "--network", At("n.json")];
        Assert.Equal(1, await RunAsync(up));
        Assert.Contains($"squares is not offered for two parties: there is no file {At("x.samples.npy")}", _said, StringComparison.Ordinal);
        File.WriteAllText(At("x.samples.npy"), "none");
        Assert.Equal(1, await RunAsync(up));
        Assert.DoesNotContain("there is no file", _said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_names_the_samples_that_it_writes()
    {
        Assert.Equal(0, await RunAsync("model", "train-digits", "--small", "--pictures", "320", "--out", At("small.onnx")));
        Assert.Contains(At("small.onnx.samples"), _said, StringComparison.Ordinal);
        Assert.True(File.Exists(At("small.onnx.samples")));
    }

    static Output Quiet => new(TextWriter.Null, TextWriter.Null, json: false);

    string At(string name) => Path.Combine(_home, name);

    void Picture(string name, int digit, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name) + ".npy", Npy.Write([1, 1, 28, 28], DigitTrainer.HeldOutPicture(digit, seed)));
    }

    HomeSamples? Find(SampleForm form, out string said, params string[] named)
    {
        using StringWriter messages = new();
        (HomeSamples? samples, _) = HomeSamples.Find(new Output(TextWriter.Null, messages, json: false), _way.Model, form, named, At("n.json"));
        said = messages.ToString();
        return samples;
    }

    Task<int> MakeAsync(params string[] more) => RunAsync(["model", "samples", At("model.onnx"), "--noise", "0", "--out", At("a.samples"), .. more]);

    async Task<int> RunAsync(params string[] words)
    {
        using StringWriter said = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), words, said, said);
        _said = said.ToString();
        return code;
    }
}
