using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Private.Serving;

namespace Funion.Tests.Cli;

/// <summary>What <c>model check</c> says of the two-party mode.</summary>
public sealed class ModelCheckTests : IDisposable
{
    readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("funion-check-").FullName, "model.onnx");
    JsonNode? _enclave;

    [Fact]
    public async Task The_sample_model_is_as_right_as_in_floats()
    {
        File.WriteAllBytes(_file, DigitModel.File());
        JsonNode check = await CheckAsync();
        Assert.True((bool)check["offered"]!);
        Assert.False((bool)check["anonymous"]!);
        Assert.InRange((double)check["integer_right"]!, (double)check["float_right"]! - 0.01, 1);
        Assert.InRange((double)check["agree"]!, 0.99, 1);
    }

    [Fact]
    public async Task A_model_without_samples_is_told_what_is_missing_and_with_them_what_it_costs()
    {
        File.WriteAllBytes(_file, DigitTrainer.TrainSmall(1, 320, _ => { }));
        JsonNode check = await CheckAsync();
        Assert.False((bool)check["offered"]! || (bool)_enclave!["offered"]!);
        Assert.Contains(".samples.npy", (string)check["problems"]![0]!, StringComparison.Ordinal);
        File.WriteAllBytes(PrivateModels.SamplesOf(_file), Npy.Write([20, 1, 28, 28], [.. Enumerable.Range(0, 20).SelectMany(i => DigitTrainer.HeldOutPicture(i % 10, i))]));
        check = await CheckAsync();
        Assert.True((bool)_enclave!["offered"]! && (int)_enclave["bits"]! == 24 && (long)_enclave["weight_bytes"]! > 98_304 && (double)_enclave["noise_bits_spare"]! > 8);
        Assert.Equal((true, true, 24, 20), ((bool)check["offered"]!, (bool)check["anonymous"]!, (int)check["activations"]!, (int)check["samples"]!));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    async Task<JsonNode> CheckAsync()
    {
        using StringWriter data = new(), messages = new();
        Assert.Equal(0, await Invocation.RunAsync(FunionRoot.Create(), ["model", "check", _file, "--json"], data, messages));
        JsonNode said = JsonNode.Parse(data.ToString())!;
        _enclave = said["enclave"];
        return said["two_party"]!;
    }
}
