using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>The tool in process, over a network in memory.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class ToolTests(MemoryNetworkFixture network)
{
    [Theory]
    [InlineData("seven.png")]
    [InlineData("seven.json")]
    public async Task An_answer_is_the_direct_run(string file)
    {
        ModelEntry model = network.Host.Signed.Document.Model(DigitModel.Name)!;
        Tensor input = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        string path = Path.Combine(network.Folder, file);
        if (file.EndsWith(".png", StringComparison.Ordinal))
        {
            await File.WriteAllBytesAsync(path, DigitModel.SamplePicture());
        }
        else
        {
            JsonObject tensor = new()
            {
                ["name"] = input.Name, ["datatype"] = input.Datatype.Name(),
                ["shape"] = new JsonArray([.. input.Shape.Select(dimension => JsonValue.Create(dimension))]), ["data"] = AnswerJson.Values(input),
            };
            await File.WriteAllTextAsync(path, new JsonObject { ["inputs"] = new JsonArray(tensor) }.ToJsonString());
        }
        (int code, JsonNode answer) = await RunAsync("infer", DigitModel.Name, path, "--network", network.Document);
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("7", (string?)answer["label"]);
        float[] direct = network.Host.Models[DigitModel.Name].RunDirect([input])[0].ToFloats();
        float[] logits = [.. answer["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!)];
        Assert.Equal(direct.Length, logits.Length);
        Assert.All(direct.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public async Task An_unknown_model_is_an_error_of_its_own() =>
        await AssertErrorAsync(3, "infer", "nothing", "x.png", "--network", network.Document);

    [Fact]
    public async Task A_bad_capability_is_a_usage_error() => await AssertErrorAsync(2, "get", "funion-read-x", "--network", network.Document);

    [Fact]
    public async Task A_gateway_that_is_not_there_is_an_error_of_its_own() =>
        await AssertErrorAsync(
            5, "models", "--network", MemoryNetworkFixture.FreeAddress().ToString(), "--authorities", network.Document + ".authorities");

    [Fact]
    public async Task A_tampered_document_is_refused()
    {
        string text = await File.ReadAllTextAsync(network.Document), tampered = Path.Combine(network.Folder, "tampered.json");
        string changed = text.Replace("\"digits\"", "\"digitz\"", StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        await File.WriteAllTextAsync(tampered, changed);
        await AssertErrorAsync(6, "models", "--network", tampered, "--authorities", network.Document + ".authorities");
    }

    [Fact]
    public async Task What_does_not_come_in_time_times_out()
    {
        string file = Path.Combine(network.Folder, "late.png");
        await File.WriteAllBytesAsync(file, DigitModel.SamplePicture());
        await AssertErrorAsync(4, "infer", DigitModel.Name, file, "--network", network.Document, "--timeout", "100ms");
    }

    [Fact]
    public async Task Models_are_listed()
    {
        (int code, JsonNode models) = await RunAsync("models", "--network", network.Document);
        Assert.Equal(0, code);
        JsonNode model = Assert.Single(models.AsArray())!;
        Assert.Equal(DigitModel.Name, (string?)model["name"]);
        Assert.Equal(network.Host.Models[DigitModel.Name].Sha256, (string?)model["sha256"]);
        Assert.Equal(["plain", "two-party (direct)"], model["modes"]!.AsArray().Select(mode => (string)mode!).Where(mode => mode != "enclave"));
    }

    static async Task AssertErrorAsync(int expected, params string[] arguments)
    {
        (int code, JsonNode answer) = await RunAsync(arguments);
        Assert.True(code == expected, answer.ToJsonString());
        JsonObject error = answer["error"]!.AsObject();
        Assert.Equal(["code", "hint", "message"], error.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(expected, (int)error["code"]!);
        Assert.NotEmpty((string)error["message"]!);
    }

    static async Task<(int Code, JsonNode Answer)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, "--json"], data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
