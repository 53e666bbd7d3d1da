using System.Net;
using System.Net.Sockets;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>Both phases between two parties: what comes out is what the network computes in the clear, bit for bit.</summary>
public sealed class TwoPartyTests
{
    [Theory]
    [InlineData(24, TransferKind.Iknp)]
    [InlineData(24, TransferKind.SoftSpoken)]
    [InlineData(32, TransferKind.Iknp)]
    [InlineData(32, TransferKind.SoftSpoken)]
    public async Task The_digit_model_is_its_reference_bit_for_bit(int bits, TransferKind transfer)
    {
        TwoParties parties = new(TwoParties.Digits(bits));
        Random random = new(bits + (int)transfer);
        for (int i = 0; i < 8; i++)
        {
            // Any element of the ring, so that sums wrap; then pictures.
            RingTensor input = i % 2 == 0
                ? RingTensor.Uniform(parties.Network.Modulus, parties.Network.Input)
                : parties.Network.Encode(TwoParties.Samples[random.Next(TwoParties.Samples.Length)]);
            Assert.Equal(parties.Network.Run(input).ToSigned(), (await parties.AskAsync(input, transfer)).ToSigned());
        }
    }

    /// <summary>Strides, paddings, shortcuts, poolings whose windows are cut short by padding, ReLU6, layers without an activation between them.</summary>
    [Fact]
    public async Task Any_network_is_its_reference_bit_for_bit()
    {
        RandomModels models = new(31);
        Random random = new(32);
        int run = 0;
        for (int trial = 0; trial < 12; trial++)
        {
            (byte[] file, TensorShape shape) = models.Next();
            FloatNetwork network = NetworkReader.TryRead(file).Network!;
            float[][] inputs = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, shape.Count).Select(_ => (2 * random.NextSingle()) - 1).ToArray())];
            float[][][] values = [.. inputs.Select(input => network.RunAll(input))];
            if (Enumerable.Range(0, values[0].Length).Any(i => values.All(all => all[i].All(value => value == 0))))
            {
                continue;
            }
            TwoParties parties = new(Calibration.Run(network, inputs, new Precision(new Modulus(36))));
            RingTensor encoded = parties.Network.Encode(inputs[0]);
            Assert.Equal(parties.Network.Run(encoded).ToSigned(), (await parties.AskAsync(encoded)).ToSigned());
            run++;
        }
        Assert.True(run > 5, $"{run} networks");
    }

    [Fact]
    public async Task Linear_layers_in_a_row_and_an_activation_at_the_end()
    {
        Random random = new(7);
        TensorShape input = new(2, 6, 6);
        ConvolutionShape first = new(input, 3, Window.Square(3, 1, 1)), second = new(first.Output, 2, Window.Square(2, 2));
        IntegerNetwork network = new(
            new Modulus(28), input, 1,
            [
                TwoParties.Linear("first", 0, first, random),
                new SumPoolLayer("sum", 1, first.Output, Window.Square(1)),
                TwoParties.Linear("second", 2, second, random),
                TwoParties.Linear("shortcut", 0, new(input, 2, Window.Square(2, 2)), random),
                new AddLayer("add", 3, 4, second.Output, 0, 3),
                new NonlinearLayer("pool", 5, second.Output, new Window(2, 2, 1, 1, 1, 0, 0, 1), Rectifies: true, 5, 900),
                TwoParties.Linear("third", 6, ConvolutionShape.FullyConnected(18, 5), random),
                new NonlinearLayer("cut", 7, new(5, 1, 1), null, Rectifies: false, 3, null),
            ],
            1);
        TwoParties parties = new(network);
        for (int i = 0; i < 4; i++)
        {
            RingTensor x = i < 2 ? TwoParties.Input(network, random) : RingTensor.Uniform(network.Modulus, input);
            Assert.Equal(network.Run(x).ToSigned(), (await parties.AskAsync(x)).ToSigned());
        }
        Assert.Equal([[0, 3, 6], [2]], parties.Client.Plan.Levels);
    }

    /// <summary>Weights are encoded once, for whoever comes.</summary>
    [Fact]
    public async Task Sessions_side_by_side_share_a_model_and_nothing_else()
    {
        TwoParties parties = new(TwoParties.Tiny());
        RingTensor[] inputs = [.. Enumerable.Range(0, 6).Select(i => TwoParties.Input(parties.Network, new Random(50 + i)))];
        (ProtocolOutcome Client, ProtocolOutcome Server, RingTensor? Output)[] answers = await Task.WhenAll(inputs.Select(input => Task.Run(async () =>
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
            return await parties.TryAskAsync(here, there, input, default);
        })));
        foreach ((RingTensor input, (ProtocolOutcome client, ProtocolOutcome server, RingTensor? output)) in inputs.Zip(answers))
        {
            Assert.Equal((ProtocolOutcome.Done, ProtocolOutcome.Closed), (client, server));
            Assert.Equal(parties.Network.Run(input).ToSigned(), output!.ToSigned());
        }
    }

    /// <summary>Bytes and rounds are exact, and known before anything is sent.</summary>
    [Fact]
    public async Task A_socket_carries_as_many_bytes_and_rounds_as_are_counted()
    {
        TwoParties parties = new(TwoParties.Tiny());
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using StreamChannel here = await StreamChannel.ConnectAsync((IPEndPoint)listener.LocalEndpoint, default);
        await using StreamChannel there = StreamChannel.Of(await listener.AcceptSocketAsync());
        Task<ProtocolOutcome> serving = Task.Run(async () => await parties.Server.ServeAsync(there));
        (_, ClientMaterial? material) = await parties.Client.PrepareAsync(here, TransferKind.Iknp);
        RingTensor input = TwoParties.Input(parties.Network, new Random(8));
        (ProtocolOutcome outcome, RingTensor? output) = await parties.Client.RunAsync(here, material!, input);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        Assert.Equal(parties.Network.Run(input).ToSigned(), output!.ToSigned());
        await here.DisposeAsync();
        Assert.Equal(ProtocolOutcome.Closed, await serving);
        foreach (ProtocolPhase phase in Enum.GetValues<ProtocolPhase>())
        {
            (Traffic mine, Traffic theirs) = (here.Traffic(phase), there.Traffic(phase));
            // The offer of a phase is read before the server knows which one it is.
            Assert.InRange(Math.Abs(mine.Sent - theirs.Received), 0, 100);
            Assert.Equal(mine.Received, theirs.Sent);
            Assert.Equal(phase == ProtocolPhase.Offline ? 3 : 2, mine.Rounds);
        }
        // 8 ReLUs: x − r, 8 values of 3 bytes asked for, 8·24 labels, 3 values of 3 bytes; six messages, one offer, one accept.
        Assert.Equal(48 + 24 + (8 * 24 * 16) + 9 + (6 * 9) + 81 + 33, here.Traffic(ProtocolPhase.Online).Bytes);
    }
}
