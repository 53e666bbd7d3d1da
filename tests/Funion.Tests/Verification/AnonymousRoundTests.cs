using System.Collections.Concurrent;
using Funion.Contracts;
using Funion.Inference;
using Funion.Private.Anonymous;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Tests.Private;
using Funion.Tests.Private.Protocol;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>A round over two-party sessions in jobs: every run prepared and asked for itself, at a small net, without the mixnet around it.</summary>
public sealed class AnonymousRoundTests : IDisposable
{
    const string Model = "tiny/two-party";
    const int Size = 3_000;

    static readonly IntegerNetwork s_network = TwoParties.Tiny();

    readonly TwoPartyClient _client = new(s_network);
    readonly AnonymousProvider _promised = NewProvider(s_network), _other;
    readonly ConcurrentBag<(int Jobs, int Sizes)> _runs = [];

    public AnonymousRoundTests()
    {
        Random random = new(99);
        // The promised architecture, so that the client notices nothing, with another last layer.
        ConvolutionShape last = ConvolutionShape.FullyConnected(8, 3);
        _other = NewProvider(s_network with { Layers = [.. s_network.Layers.Take(2), TwoParties.Linear("last", 2, last, random)] });
    }

    public void Dispose()
    {
        _promised.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Answers_are_the_promised_networks_and_all_runs_look_alike()
    {
        VerifiedQuestion question = Question();
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, (_, input, _) => AskAsync(_promised, input), default);
        Assert.Equal(Output(question.Queries[0]).ToArray(), answer.Outputs![0].ToArray());
        Assert.Equal(question.Plan.Runs, _runs.Count);
        // As many jobs of one size for a copy as for a sample.
        Assert.Single(_runs.Distinct());
        Assert.Equal(1, _runs.First().Sizes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Weights_other_than_the_promised_ones_are_an_abort(bool onlyOnce)
    {
        int runs = 0;
        VerifiedAnswer answer = await MixAndCheck.RunAsync(
            Question(), (_, input, _) => AskAsync(!onlyOnce || Interlocked.Increment(ref runs) == 1 ? _other : _promised, input), default);
        Assert.Null(answer.Outputs);
        Assert.True(answer.Contradicted);
        Assert.InRange(answer.Evidence[0].Missed, 0, onlyOnce ? 1 : 9);
    }

    static AnonymousProvider NewProvider(IntegerNetwork network) => new(
        new Dictionary<string, IntegerNetwork> { [Model] = network }, new MaterialShelf(ShelfLimits.Memory, new VirtualTime()), new VirtualTime(), 64);

    static VerifiedQuestion Question()
    {
        VerificationPlan plan = VerificationPlan.For(1, 3);
        Assert.InRange(plan.Copies, 2, 5);
        return new VerifiedQuestion
        {
            Plan = plan, Queries = [Input(0)], Integrity = [.. Enumerable.Range(1, plan.Samples).Select(i => (Input(i), Output(Input(i)), 0.0))],
        };
    }

    /// <summary>One seed in a tensor of one number is the input; the network's own input follows from it.</summary>
    static ReadOnlyMemory<byte> Input(int seed) => Pools.Input(seed);

    static RingTensor Ring(ReadOnlyMemory<byte> input) => TwoParties.Input(s_network, new Random((int)TensorCodec.TryParse(input)![0].ToFloats()[0]));

    static ReadOnlyMemory<byte> Output(ReadOnlyMemory<byte> input) => Encode(s_network.Run(Ring(input)));

    static ReadOnlyMemory<byte> Encode(RingTensor output) => TensorCodec.Encode([Tensor.Of("y", [1, output.Elements.Length], s_network.Decode(output))]);

    async Task<ReadOnlyMemory<byte>?> AskAsync(AnonymousProvider provider, ReadOnlyMemory<byte> input)
    {
        HashSet<int> sizes = [];
        await using AnonymousChannel channel = new(Size, async (segment, _) =>
        {
            sizes.Add(segment.Length);
            byte[] job = TensorCodec.Encode([Tensor.TryCreate(AnonymousProvider.TensorName, Datatype.UInt8, [segment.Length], segment)!]);
            return InferenceAnswer.TryParse((await provider.RunAsync(Model, [job]))[0])!.Tensors![0].Data;
        });
        (ProtocolOutcome prepared, ClientMaterial? material) = await _client.PrepareAsync(channel, TransferKind.SoftSpoken);
        Assert.Equal(ProtocolOutcome.Done, prepared);
        using (material)
        {
            (_, RingTensor? output) = await _client.RunAsync(channel, material!, Ring(input));
            _runs.Add((channel.Jobs, sizes.Count));
            return output is null ? null : Encode(output);
        }
    }
}
