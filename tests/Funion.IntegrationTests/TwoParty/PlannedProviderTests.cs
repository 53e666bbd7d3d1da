using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
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

/// <summary>From a plan to an answer: what <c>plan two-party --out</c> writes is served and asked on the direct channel.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class PlannedProviderTests(MemoryNetworkFixture network)
{
    [Fact]
    public async Task A_planned_network_is_served_and_answers_with_its_squares()
    {
        string file = Path.Combine(network.Folder, "planned.onnx");
        using StringWriter data = new(), messages = new();
        Assert.Equal(0, await Invocation.RunAsync(FunionRoot.Create(), ["plan", "two-party", DigitModel.Name, "--bytes", "5000000", "--out", file], data, messages));
        IntegerNetwork planned = PrivateModels.Load([("planned", file)], problem => Assert.Fail(problem))["planned"];
        Assert.True(planned.Quadratics > planned.Activations);

        NetworkDocument document = network.Host.Signed.Document;
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, document.Epoch, 2);
        await using StandInProvider provider = await StandInProvider.StartAsync(keys, planned, DirectLimits.Default);
        NodeDescriptor compute = keys.Describe() with { Address = provider.Address.ToString() };
        ModelEntry model = document.Model(DigitModel.Name)! with { Compute = compute.Id, TwoParty = new TwoPartyEntry(ArchitectureFormat.Digest(planned).AsSpan().ToArray()) };
        document = document with { Nodes = [.. document.Nodes.Where(other => other.Role != NodeRole.Compute), compute], Models = [model] };
        AskingRequest request = new() { Output = new Output(TextWriter.Null, TextWriter.Null, json: true), Model = DigitModel.Name };
        await using DirectAsking asking = new(request, document, model);
        await asking.OpenAsync(TimeSpan.Zero, default);
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        InferenceAnswer answer = await asking.AskAsync([picture], _ => { }, default);
        Assert.Equal(planned.Run(picture.ToFloats()), answer.Tensors![0].ToFloats());
    }
}
