using System.Buffers.Binary;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>What a client is told of a network, by whomever.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Label, bits, input, two scales.</summary>
    const int FirstLayer = 32 + 4 + 12 + 16 + 4;

    public static TheoryData<string> Nets => ["tiny", "digits", "shortcuts", "squares"];

    [Theory]
    [MemberData(nameof(Nets))]
    public void What_is_written_is_read_and_nothing_of_the_weights_is_in_it(string net)
    {
        IntegerNetwork network = Network(net);
        byte[] bytes = ArchitectureFormat.ToBytes(network);
        Assert.Equal(ArchitectureOutcome.Ok, ArchitectureReader.TryRead(bytes, out IntegerNetwork? read));
        Assert.Equal(bytes, ArchitectureFormat.ToBytes(read!));
        Assert.Equal(bytes, ArchitectureFormat.ToBytes(network.WithoutWeights()));
        Assert.Equal(ArchitectureFormat.Digest(network), ArchitectureFormat.Digest(read!));
        Assert.Equal((network.Modulus, network.Input, network.Output, network.InputScale, network.OutputScale), (read!.Modulus, read.Input, read.Output, read.InputScale, read.OutputScale));
        Assert.Equal(network.Layers.Select(layer => layer.Output), read.Layers.Select(layer => layer.Output));
        Assert.All(read.Layers.OfType<LinearLayer>(), layer => Assert.Null(layer.Weights));
        Assert.Equal(ArchitectureOutcome.Ok, TwoPartyClient.TryCreate(bytes, ArchitectureFormat.Digest(network), out TwoPartyClient? client));
        Assert.Equal(new TwoPartyClient(network).Plan.Digest, client!.Plan.Digest);
    }

    [Theory]
    [MemberData(nameof(Nets))]
    public async Task Sizes_that_are_planned_are_those_that_are_sent(string net)
    {
        TwoParties parties = new(Network(net));
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Task<ProtocolOutcome> serving = Task.Run(async () => await parties.Server.ServeAsync(there));
        int moved = 0;
        here.Moved = _ => moved++;
        (_, ClientMaterial? material) = await parties.Client.PrepareAsync(here, TransferKind.SoftSpoken);
        await parties.Client.RunAsync(here, material!, TwoParties.Input(parties.Network, new Random(1)));
        await here.DisposeAsync();
        await serving;
        Traffic offline = here.Traffic(ProtocolPhase.Offline), online = here.Traffic(ProtocolPhase.Online);
        Assert.Equal(new ProtocolSizes(offline.Sent, offline.Received), parties.Client.Offline(TransferKind.SoftSpoken));
        Assert.Equal(new ProtocolSizes(online.Sent, online.Received), parties.Client.Online);
        Assert.Equal(here.Sent + there.Sent, moved);
    }

    [Fact]
    public void A_network_that_was_not_promised_is_refused_before_it_is_read() =>
        Assert.Equal(ArchitectureOutcome.WrongDigest, TwoPartyClient.TryCreate([1, 2, 3], default, out _));

    [Theory]
    [InlineData(0, 1, ArchitectureOutcome.Malformed)]
    [InlineData(32, 15, ArchitectureOutcome.Malformed)]
    [InlineData(32, 64, ArchitectureOutcome.Malformed)]
    [InlineData(36, 0, ArchitectureOutcome.Malformed)]
    [InlineData(36, 1 << 30, ArchitectureOutcome.TooLarge)]
    [InlineData(64, 0, ArchitectureOutcome.Malformed)]
    [InlineData(64, 100_000, ArchitectureOutcome.TooLarge)]
    [InlineData(FirstLayer, 9, ArchitectureOutcome.Malformed)]
    [InlineData(FirstLayer + 4, 2, ArchitectureOutcome.Malformed)]
    [InlineData(FirstLayer + 8, 1, ArchitectureOutcome.Malformed)]
    [InlineData(FirstLayer + 12, 1 << 20, ArchitectureOutcome.TooLarge)]
    public void A_number_out_of_place_is_refused_by_name(int at, int number, ArchitectureOutcome expected)
    {
        byte[] bytes = ArchitectureFormat.ToBytes(TwoParties.Tiny());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), number);
        Assert.Equal(expected, ArchitectureReader.TryRead(bytes, out IntegerNetwork? network));
        Assert.Null(network);
    }

    /// <summary>Where the square of the mixed network lies: cut, bits, coefficients, one after the other.</summary>
    [Theory]
    [InlineData(0, -1)]
    [InlineData(0, 31)]
    [InlineData(0, 25)]
    [InlineData(4, 1)]
    [InlineData(4, 26)]
    [InlineData(8, 0)]
    [InlineData(12, 1)]
    [InlineData(20, 1)]
    [InlineData(28, 1)]
    public void A_square_that_does_not_lie_in_the_ring_is_refused(int at, int number)
    {
        byte[] bytes = ArchitectureFormat.ToBytes(QuadraticTests.Mixed());
        // Behind the label and its layer: kind, inputs, input, output shape, and what a convolution says.
        int square = FirstLayer + (4 + 4 + 4 + 12 + 12 + 32 + 4) + (4 + 4 + 4 + 12);
        Assert.Equal((7, 8), (BitConverter.ToInt32(bytes, square), BitConverter.ToInt32(bytes, square + 4)));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(square + at), number);
        Assert.Equal(ArchitectureOutcome.Malformed, ArchitectureReader.TryRead(bytes, out IntegerNetwork? network));
        Assert.Null(network);
    }

    [Fact]
    public void What_cannot_be_laid_out_is_unsuitable()
    {
        // 40 bits leave room for little noise.
        IntegerNetwork network = TwoParties.Tiny() with { Modulus = new Modulus(40) };
        byte[] bytes = ArchitectureFormat.ToBytes(network with { Layers = [.. network.Layers.Select(layer => layer is LinearLayer linear ? linear with { WeightBound = 1 << 15 } : layer)] });
        Assert.Equal(ArchitectureOutcome.Ok, ArchitectureReader.TryRead(bytes, out _));
        Assert.Equal(ArchitectureOutcome.Unsuitable, TwoPartyClient.TryCreate(bytes, ArchitectureFormat.Digest(bytes), out _));
    }

    [Fact]
    public void Cut_short_anywhere_or_longer_it_is_refused()
    {
        byte[] bytes = ArchitectureFormat.ToBytes(TwoParties.Tiny());
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.NotEqual(ArchitectureOutcome.Ok, ArchitectureReader.TryRead(bytes.AsSpan(0, length), out _)));
        Assert.Equal(ArchitectureOutcome.Malformed, ArchitectureReader.TryRead([.. bytes, 0], out _));
        Assert.Equal(ArchitectureOutcome.TooLarge, ArchitectureReader.TryRead(new byte[ArchitectureReader.MaxSize + 1], out _));
    }

    static IntegerNetwork Network(string net) => net switch
    {
        "tiny" => TwoParties.Tiny(),
        "digits" => TwoParties.Digits(24),
        "squares" => QuadraticTests.Mixed(),
        _ => Shortcuts(),
    };

    /// <summary>Every kind of layer: an addition, sums, a cap, a pooling.</summary>
    static IntegerNetwork Shortcuts()
    {
        Random random = new(8);
        TensorShape input = new(1, 6, 6);
        ConvolutionShape same = new(input, 1, Window.Square(3, 1, 1));
        return new IntegerNetwork(
            new Modulus(24), input, 2,
            [
                TwoParties.Linear("first", 0, same, random), new NonlinearLayer("cap", 1, input, null, Rectifies: true, 4, 100), new AddLayer("sum", 0, 2, input, 1, 0),
                new SumPoolLayer("sums", 3, input, Window.Square(2, 2)), new NonlinearLayer("pool", 4, new TensorShape(1, 3, 3), Window.Square(2), Rectifies: true, 2, null),
                TwoParties.Linear("last", 5, ConvolutionShape.FullyConnected(4, 2), random),
            ],
            4);
    }
}
