using System.Collections.Concurrent;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>A client and a server of one network, and the material that the server keeps.</summary>
sealed class TwoParties
{
    readonly ConcurrentDictionary<Bytes32, ServerMaterial> _kept = new();

    public TwoParties(IntegerNetwork network)
    {
        Network = network;
        Model = new ServerModel(network);
        Client = new TwoPartyClient(network.WithoutWeights());
        Server = new TwoPartyServer(
            Model, () => new MaterialPlace(material => _kept.TryAdd(material.Session, material), () => { }), session => _kept.TryRemove(session, out ServerMaterial? kept) ? kept : null);
    }

    public static float[][] Samples { get; } = [.. Enumerable.Range(0, 30).Select(i => DigitTrainer.HeldOutPicture(i % 10, 900 + i))];

    public IntegerNetwork Network { get; }

    public ServerModel Model { get; }

    public TwoPartyClient Client { get; }

    public TwoPartyServer Server { get; }

    public IDictionary<Bytes32, ServerMaterial> Kept => _kept;

    public static IntegerNetwork Digits(int bits) =>
        Calibration.Run(NetworkReader.TryRead(DigitModel.File()).Network!, Samples, new Precision(new Modulus(bits)));

    /// <summary>A convolution, a ReLU and a fully connected layer: a few messages of each kind.</summary>
    public static IntegerNetwork Tiny()
    {
        Random random = new(5);
        TensorShape input = new(1, 4, 4);
        ConvolutionShape convolution = new(input, 2, Window.Square(3));
        LinearLayer first = Linear("first", 0, convolution, random);
        NonlinearLayer relu = new("relu", 1, convolution.Output, null, Rectifies: true, 4, null);
        return new(new Modulus(24), input, 1, [first, relu, Linear("last", 2, ConvolutionShape.FullyConnected(8, 3), random)], 1);
    }

    public static LinearLayer Linear(string name, int input, ConvolutionShape shape, Random random) =>
        new(name, input, shape, 31, Layers.Weights(shape, random, 31), [.. Enumerable.Range(0, shape.Filters).Select(_ => (long)random.Next(-500, 500))]);

    /// <summary>Small values, as calibrated ones are: sums do not wrap, though they might.</summary>
    public static RingTensor Input(IntegerNetwork network, Random random) =>
        RingTensor.Of(network.Modulus, network.Input, [.. Enumerable.Range(0, network.Input.Count).Select(_ => (long)random.Next(-128, 128))]);

    /// <summary>Both phases of one question over a line that may change messages: what either side says of it.</summary>
    public async Task<(ProtocolOutcome Client, ProtocolOutcome Server, RingTensor? Output)> TryAskAsync(
        MemoryChannel here, MemoryChannel there, RingTensor input, CancellationToken cancellation)
    {
        Task<ProtocolOutcome> serving = Task.Run(
            async () =>
            {
                await using (there)
                {
                    return await Server.ServeAsync(there, cancellation);
                }
            },
            cancellation);
        await using (here)
        {
            (ProtocolOutcome outcome, ClientMaterial? material) = await Client.PrepareAsync(here, TransferKind.SoftSpoken, cancellation);
            RingTensor? output = null;
            if (material is not null)
            {
                (outcome, output) = await Client.RunAsync(here, material, input, cancellation);
            }
            await here.DisposeAsync();
            return (outcome, await serving, output);
        }
    }

    /// <summary>Both phases of one question, over one pair of channels.</summary>
    public async Task<RingTensor> AskAsync(RingTensor input, TransferKind transfer = TransferKind.SoftSpoken)
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Task<ProtocolOutcome> serving = Task.Run(async () => await Server.ServeAsync(there));
        (ProtocolOutcome prepared, ClientMaterial? material) = await Client.PrepareAsync(here, transfer);
        Assert.Equal(ProtocolOutcome.Done, prepared);
        (ProtocolOutcome outcome, RingTensor? output) = await Client.RunAsync(here, material!, input);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        await here.DisposeAsync();
        Assert.Equal(ProtocolOutcome.Closed, await serving);
        Assert.Empty(Kept);
        return output!;
    }
}
