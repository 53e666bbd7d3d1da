using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Models.Digits;

namespace Funion.IntegrationTests.Enclaves;

/// <summary>The steps by which an owner hides the sample model from its provider, by the tool, and by which somebody asks it.</summary>
/// <param name="folder">Where everybody's files lie.</param>
sealed class HiddenModel(string folder)
{
    public string At(string name) => Path.Combine(folder, name);

    /// <summary>Owner, provider, owner, provider.</summary>
    public async Task PublishAsync()
    {
        JsonNode asker = (await RunAsync("model", "asker", At("asker.key"), "--json")).Said;
        string[][] steps =
        [
            ["model", "policy", At("p"), "--key", At("owner.key"), "--questions", "1", "--user", (string)asker["user"]!, "--recipient", (string)asker["recipient"]!, "--json"],
            ["model", "offer", At("p"), "--enclave", At("enclave"), "--out", At("offer"), "--insecure-simulator", "--json"],
            ["model", "seal", "digits", "--name", "hidden", "--policy", At("p"), "--offer", At("offer"), "--key", At("owner.key"), "--out", At("sealed"), "--insecure-simulator", "--json"],
            ["model", "publish", At("sealed"), "--enclave", At("enclave"), "--insecure-simulator", "--json"],
        ];
        foreach (string[] step in steps)
        {
            (int code, JsonNode said, string notes) = await RunAsync(step);
            Assert.True(code == 0, $"{step[1]}: {said.ToJsonString()} {notes}");
        }
    }

    /// <summary>A file of one question: a four.</summary>
    /// <param name="input">As the model calls it.</param>
    public async Task<string> PictureAsync(string input)
    {
        string file = At("picture.json");
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["inputs"] = new JsonArray(new JsonObject
            {
                ["name"] = input, ["datatype"] = "FP32", ["shape"] = new JsonArray(1, 1, 28, 28),
                ["data"] = new JsonArray([.. DigitTrainer.HeldOutPicture(4, 44).Select(value => (JsonNode)value)]),
            }),
        }.ToJsonString());
        return file;
    }

    public Task<(int Code, JsonNode Said, string Notes)> AskAsync(string network, string file, params string[] more) =>
        RunAsync(["infer", "hidden", file, "--mode", "enclave", "--insecure-simulator", "--network", network, "--json", .. more]);

    public static async Task<(int Code, JsonNode Said, string Notes)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), arguments, data, messages);
        return (code, data.ToString() is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject(), messages.ToString());
    }
}
