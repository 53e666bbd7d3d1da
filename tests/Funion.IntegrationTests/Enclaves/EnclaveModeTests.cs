using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Serving;
using Funion.Verification;

namespace Funion.IntegrationTests.Enclaves;

/// <summary>A question through the mixnet to an enclave, by the tool, which looks into FUNION_HOME: hence in the collection of the other tests of the tool.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class EnclaveModeTests : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-enclave-mode-").FullName;
    LocalHost _host = null!;

    string Document => Path.Combine(_folder, "network.json");

    public async Task InitializeAsync()
    {
        _host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
                Enclave = EnclaveProgram.Find(null),
            },
            default);
        await File.WriteAllBytesAsync(Document, _host.Signed.ToBytes());
        await File.WriteAllBytesAsync(Document + ".authorities", _host.Trusted.ToBytes());
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_answer_is_the_integer_networks_and_the_simulator_is_refused_unless_it_is_asked_for()
    {
        string file = Path.Combine(_folder, "picture.json");
        float[] picture = DigitTrainer.HeldOutPicture(4, 44);
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["inputs"] = new JsonArray(new JsonObject
            {
                ["name"] = _host.Models[DigitModel.Name].Inputs[0].Name, ["datatype"] = "FP32", ["shape"] = new JsonArray(1, 1, 28, 28),
                ["data"] = new JsonArray([.. picture.Select(value => (JsonNode)value)]),
            }),
        }.ToJsonString());
        (int code, JsonNode said) = await RunAsync("infer", DigitModel.Name, file, "--mode", "enclave", "--network", Document, "--json");
        Assert.Equal((int)ExitCode.VerificationFailed, code);
        (code, said) = await RunAsync("infer", DigitModel.Name, file, "--mode", "enclave", "--insecure-simulator", "--network", Document, "--json");
        Assert.True(code == 0, said.ToJsonString());
        IntegerNetwork network = PrivateModels.Digits();
        Assert.Equal(network.Run(picture), said["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
        Assert.Equal("enclave", (string)said["mode"]!);
    }

    /// <summary>Answers of the enclave are exact, so copies agree and samples are answered bit for bit; one unit in the last place of a certified output is a miss.</summary>
    [Fact]
    public async Task An_enclaves_answers_are_verified_to_the_bit()
    {
        string seven = Path.Combine(_folder, "seven.png"), exact = Path.Combine(_folder, "exact.samples"), spoilt = Path.Combine(_folder, "spoilt.samples");
        await File.WriteAllBytesAsync(seven, DigitModel.SamplePicture());
        (int code, JsonNode said) = await RunAsync("model", "samples", DigitModel.Name, "--mode", "enclave", "--count", "8", "--out", exact, "--json");
        Assert.True(code == 0, said.ToJsonString());
        Assert.Equal(SamplePoolOutcome.Read, SamplePool.TryLoad(exact, out SamplePool? pool));
        Assert.Equal((SampleForm.TwoParty, default(Tolerance)), (pool!.Form, pool.Tolerance));
        string[] ask = ["infer", DigitModel.Name, seven, "--mode", "enclave", "--insecure-simulator", "--verify", "3", "--network", Document, "--json"];
        (code, said) = await RunAsync([.. ask, "--samples", exact, "--labelled", "2"]);
        Assert.True(code == 0, said.ToJsonString());
        JsonNode verified = said["verified"]!;
        Assert.Equal(("7", "any provider", 0.0, "enclave"), ((string)said["label"]!, (string)verified["against"]!, (double)verified["slack"]!, (string)verified["mode"]!));
        // Other samples than those, or they would be drawn already.
        (_, _) = await RunAsync("model", "samples", DigitModel.Name, "--mode", "enclave", "--count", "8", "--out", spoilt, "--json");
        Assert.Equal(SamplePoolOutcome.Read, SamplePool.TryLoad(spoilt, out pool));
        byte[][] wrong = [.. pool!.Certified.Select(sample => sample.Output.ToArray())];
        Array.ForEach(wrong, output => output[^4] ^= 1);
        await File.WriteAllBytesAsync(spoilt, (pool with { Certified = [.. pool.Certified.Zip(wrong, (sample, output) => (sample.Input, (ReadOnlyMemory<byte>)output))] }).ToBytes());
        (code, said) = await RunAsync([.. ask, "--samples", spoilt, "--labelled", "0"]);
        Assert.Equal((6, "seven.png"), (code, (string?)said["refused"]![0]));
    }

    /// <summary>Another node with the same model in an enclave is asked for evidence once, and for answers; one whose evidence is not trusted, or whose jobs differ in size, is not.</summary>
    [Fact]
    public async Task A_round_is_spread_over_enclaves_that_each_prove_what_they_are()
    {
        NetworkDocument document = _host.Signed.Document;
        ModelEntry model = document.Model(DigitModel.Name)!, jobs = document.Model(model.Enclave!.Model)!;
        ModelEntry[] beside = [.. Twin("other", 1), .. Twin("larger", 2), .. Twin("damaged", 3)];
        beside[3] = beside[3] with { InputBoxes = jobs.InputBoxes + 1 };
        byte[] damaged = [.. model.Enclave.Attestation];
        damaged[^1] ^= 1;
        beside[4] = beside[4] with { Enclave = beside[4].Enclave! with { Attestation = damaged } };
        NetworkDocument with = document with { Models = [.. document.Models, .. beside] };
        AskingRequest request = new()
        {
            Output = new Output(TextWriter.Null, TextWriter.Null, json: true), Model = DigitModel.Name, Mode = AskingRequest.Enclave, InsecureSimulator = true,
        };
        RecordedLine line = new(request, document, _ => jobs.Name);
        await using EnclaveAsking asking = new(request, with, EnclaveSeat.Of(with, model)!, null, line);
        Assert.Equal([DigitModel.Name, "other"], asking.SameModel.Select(entry => entry.Name));
        await asking.OpenAsync(TimeSpan.FromSeconds(1), default);
        IntegerNetwork network = PrivateModels.Digits();
        float[][] pictures = [.. Enumerable.Range(0, 2).Select(i => DigitTrainer.HeldOutPicture(i, 60 + i))];
        InferenceAnswer[] answers = await Task.WhenAll(pictures.Select(picture => asking.AskAsync(
            asking.SameModel[1], [Tensor.Of(model.Inputs[0].Name, [1, 1, 28, 28], picture)], _ => { }, default)));
        Assert.Equal(pictures.Select(picture => network.Run(picture)), answers.Select(answer => answer.Tensors![0].ToFloats()));
        // One nonce each, and two questions.
        Assert.Equal([jobs.Name, .. Enumerable.Repeat("other/jobs", 3)], line.Asked);

        ModelEntry[] Twin(string name, byte node)
        {
            NodeId compute = new([.. Enumerable.Repeat(node, NodeId.Size)]);
            string carried = $"{name}/jobs";
            return [model with { Name = name, Compute = compute, Enclave = model.Enclave with { Model = carried } }, jobs with { Name = carried, Compute = compute }];
        }
    }

    static async Task<(int Code, JsonNode Said)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), arguments, data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
