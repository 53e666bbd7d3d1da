using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Hosting;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Roles;

namespace Funion.IntegrationTests;

/// <summary>A network whose nodes share nothing, see <see cref="SeparateNodes"/>.</summary>
public sealed class NodesTests
{
    [Fact]
    public async Task A_question_goes_through_eighteen_nodes_that_share_nothing()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(4));
        await using SeparateNodes nodes = new();
        using ServedModels served = new([]);
        SignedNetworkDocument signed = nodes.Plan(served, out TrustedAuthorities pin);
        foreach (NodeDescriptor node in signed.Document.Nodes)
        {
            await nodes.StartAsync(signed.Document, node, pin, _ => served.RunAsync, deadline.Token);
        }
        await using FunionSession session = await FunionSession.ConnectAsync(new Uri(signed.Document.Gateways[0].Address), pin, cancellation: deadline.Token);
        ModelEntry model = signed.Document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        InferenceAnswer answer = await session.Client.InferAsync(
            model.Name, [picture], TimeSpan.FromMilliseconds(model.BucketsMilliseconds[0]), cancellation: deadline.Token);
        float[] direct = served[DigitModel.Name].RunDirect([picture])[0].ToFloats();
        Assert.All(direct.Zip(answer.Tensors![0].ToFloats()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        foreach (NodeHost host in nodes.Hosts)
        {
            HopCounters counters = (await host.CurrentAsync(deadline.Token)).Parts.Counters;
            Assert.Equal((0, 0, 0), (counters.Poison, counters.Late, counters.Replayed));
        }
    }
}
