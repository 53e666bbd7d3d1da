using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>The library as the README shows it, against a network that runs.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class LibraryTests(MemoryNetworkFixture network)
{
    const string Begin = "// README: begin", End = "// README: end";

    [Fact]
    public async Task The_readme_s_example_gives_what_the_model_gives()
    {
        Uri gateway = network.Host.Gateway;
        string authorities = network.Document + ".authorities";
        Tensor picture = PictureInput.TryFit(
            Png.TryRead(DigitModel.SamplePicture(), out _)!, network.Host.Signed.Document.Model(DigitModel.Name)!.Inputs[0], out _)!;
        float[] pixels = picture.ToFloats();
        // README: begin
        TrustedAuthorities pin = TrustedAuthorities.Parse(File.ReadAllBytes(authorities));
        await using FunionSession session = await FunionSession.ConnectAsync(gateway, pin);

        // An existing client of the Open Inference Protocol, which now asks anonymously:
        using HttpClient http = new(new MixHttpHandler(session.Client)) { BaseAddress = new Uri("http://funion") };
        var question = new { inputs = new[] { new { name = "image", datatype = "FP32", shape = new[] { 1, 1, 28, 28 }, data = pixels } } };
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/v2/models/digits/infer", question);

        // Or without HTTP, and with boxes that somebody else may read:
        InferenceAnswer same = await session.Client.InferAsync("digits", [Tensor.Of("image", [1, 1, 28, 28], pixels)], TimeSpan.FromSeconds(1));
        string capability = (await session.Client.PutAsync("a letter"u8.ToArray())).ToReadCapability().ToString();
        // README: end
        float[] expected = network.Host.Models[DigitModel.Name].RunDirect([picture])[0].ToFloats();
        Assert.Equal(expected, same.Tensors![0].ToFloats(), (a, b) => Math.Abs(a - b) < 1e-5f);
        JsonArray data = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["outputs"]![0]!["data"]!.AsArray();
        Assert.Equal(expected, data.Select(value => (float)value!).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        // Another machine: nothing in common but the network's document and the string.
        await using FunionSession other = await FunionSession.ConnectAsync(gateway, pin);
        Assert.True(Funion.Bacap.ReadCapability.TryParse(capability, out Funion.Bacap.ReadCapability? read));
        Assert.Equal("a letter"u8.ToArray(), await other.Client.GetAsync(read, 100));
    }

    [Fact]
    public void The_readme_shows_the_code_that_is_tested()
    {
        string readme = File.ReadAllText(InRepository("README.md"));
        string shown = readme.Split("```csharp\n")[1].Split("```")[0].TrimEnd();
        string[] lines = [.. File.ReadAllLines(InRepository("tests/Funion.IntegrationTests/LibraryTests.cs"))
            .SkipWhile(line => line.Trim() != Begin).Skip(1).TakeWhile(line => line.Trim() != End)
            .Select(line => line.Length > 8 ? line[8..] : "")];
        Assert.Equal(string.Join('\n', lines).TrimEnd(), shown);
    }

    [Fact]
    public async Task A_pin_of_others_and_a_gateway_that_is_gone_are_refused_by_name()
    {
        TrustedAuthorities others = new(network.Host.Trusted.Network, 1, [new byte[32]]);
        FunionException refused = await Assert.ThrowsAsync<FunionException>(() => FunionSession.ConnectAsync(network.Host.Gateway, others));
        Assert.Equal(FunionError.Refused, refused.Error);
        FunionException gone = await Assert.ThrowsAsync<FunionException>(
            () => FunionSession.ConnectAsync(MemoryNetworkFixture.FreeAddress(), network.Host.Trusted));
        Assert.Equal(FunionError.Unreachable, gone.Error);
    }

    static string InRepository(string path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Funion.Serverless.sln")))
        {
            folder = folder.Parent;
        }
        return Path.Combine(folder!.FullName, path);
    }
}
