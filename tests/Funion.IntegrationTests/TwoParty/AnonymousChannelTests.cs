using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.LocalNetwork;
using Funion.Cli.TwoParty;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.IntegrationTests.TwoParty;

/// <summary>A small net of the sample trainer's, asked through a whole network by nobody knows whom about nobody knows what.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class AnonymousChannelTests : IDisposable
{
    const string Small = "small";

    readonly string _folder = Directory.CreateTempSubdirectory("funion-anonymous-").FullName;

    [Fact]
    public async Task An_answer_through_the_mixnet_is_the_integer_networks_with_and_without_preparation()
    {
        string onnx = Path.Combine(_folder, "small.onnx"), picture = Path.Combine(_folder, "seven.png"), file = Path.Combine(_folder, "network.json");
        File.WriteAllBytes(onnx, DigitTrainer.TrainSmall(1, 3_200, _ => { }));
        File.WriteAllBytes(PrivateModels.SamplesOf(onnx), Npy.Write([10, 1, 28, 28], [.. Enumerable.Range(0, 10).SelectMany(i => DigitTrainer.HeldOutPicture(i, i))]));
        File.WriteAllBytes(picture, DigitModel.SamplePicture());
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
            Models = [(Small, onnx)], AnonymousTwoParty = true,
        };
        await using LocalHost host = await LocalHost.StartAsync(options, default);
        File.WriteAllBytes(file, host.Signed.ToBytes());
        File.WriteAllBytes(file + ".authorities", host.Trusted.ToBytes());
        (int code, JsonNode prepared) = await RunAsync("prepare", Small, "--network", file);
        Assert.True(code == 0, prepared.ToJsonString());
        foreach ((int Prepared, int Made) expected in ((int, int)[])[(1, 0), (0, 1)])
        {
            (code, JsonNode answer) = await RunAsync("infer", Small, picture, "--mode", "two-party", "--network", file);
            Assert.True(code == 0, answer.ToJsonString());
            Assert.Equal(expected, ((int)answer["material"]!["prepared"]!, (int)answer["material"]!["made"]!));
            IntegerNetwork network = PrivateModels.TryLoad(onnx, out string problem)!;
            Assert.Equal("", problem);
            float[] input = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, host.Signed.Document.Model(Small)!.Inputs[0], out _)!.ToFloats();
            Assert.Equal(network.Run(input), answer["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
        }
        // Verified, too: every run is a session of its own, and compute cannot tell any from any.
        string samples = Path.Combine(_folder, "small.samples"), pictures = Path.Combine(_folder, "pictures");
        Directory.CreateDirectory(pictures);
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllBytes(Path.Combine(pictures, $"{i}.npy"), Npy.Write([1, 1, 28, 28], DigitTrainer.HeldOutPicture(i, 20 + i)));
        }
        (code, JsonNode made) = await RunAsync("model", "samples", onnx, "--mode", "two-party", "--certified", pictures, "--out", samples);
        Assert.True(code == 0, made.ToJsonString());
        (code, JsonNode verified) = await RunAsync("infer", Small, picture, "--mode", "two-party", "--network", file, "--samples", samples, "--verify", "1", "--labelled", "0");
        Assert.True(code == 0, verified.ToJsonString());
        Assert.Equal(("any provider", "anonymous"), ((string)verified["verified"]!["against"]!, (string)verified["verified"]!["channel"]!));
        Assert.Equal((int)verified["verified"]!["runs"]!, (int)verified["verified"]!["material"]!["made"]!);
        using MaterialFolder left = ClientMaterials.Open(host.Signed.Document, ChannelKind.Anonymous);
        Assert.Empty(left.Sessions);
        await AssertSpreadAsync(host.Signed.Document, PrivateModels.TryLoad(onnx, out _)!);
        // What is too large is not offered so, and who asks is told what is.
        (code, JsonNode error) = await RunAsync("infer", DigitModel.Name, picture, "--mode", "two-party", "--network", file);
        Assert.Equal(1, code);
        Assert.Contains("--channel direct", (string)error["error"]!["hint"]!, StringComparison.Ordinal);
        Assert.False(host.Running.IsCompleted);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Another node with the same model, and one with the same weights whose jobs have another size: the first is asked by jobs of its own, the second not at all.</summary>
    static async Task AssertSpreadAsync(NetworkDocument document, IntegerNetwork network)
    {
        ModelEntry model = document.Model(Small)!, jobs = document.Model(TwoPartyEntry.JobsOf(Small))!;
        ModelEntry[] beside = [.. Twin("other", 1), .. Twin("larger", 2)];
        beside[^1] = beside[^1] with { InputBoxes = jobs.InputBoxes + 1 };
        AskingRequest request = new() { Output = new Output(TextWriter.Null, TextWriter.Null, json: true), Model = Small, Mode = AskingRequest.TwoParty };
        RecordedLine line = new(request, document, one => TwoPartyEntry.JobsOf(Small));
        await using AnonymousAsking asking = new(request, document with { Models = [.. document.Models, .. beside] }, model, jobs, line);
        Assert.Equal([Small, "other"], asking.SameModel.Select(entry => entry.Name));
        await asking.OpenAsync(TimeSpan.Zero, default);
        line.Asked.Clear();
        float[] picture = DigitTrainer.HeldOutPicture(5, 55);
        Tensor input = Tensor.Of(model.Inputs[0].Name, [1, 1, 28, 28], picture);
        InferenceAnswer answer = await asking.AskAsync(asking.SameModel[1], [input], _ => { }, default);
        Assert.Equal(network.Run(picture), answer.Tensors![0].ToFloats());
        Assert.Equal([TwoPartyEntry.JobsOf("other")], line.Asked.Distinct());

        ModelEntry[] Twin(string name, byte node)
        {
            NodeId compute = new([.. Enumerable.Repeat(node, NodeId.Size)]);
            return [model with { Name = name, Compute = compute }, jobs with { Name = TwoPartyEntry.JobsOf(name), Compute = compute }];
        }
    }

    static async Task<(int Code, JsonNode Answer)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, "--json"], data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
