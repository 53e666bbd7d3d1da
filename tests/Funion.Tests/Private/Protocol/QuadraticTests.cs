using System.Security.Cryptography;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>Quadratic activations between two parties: bit for bit, byte for byte, once only; what who cheats in one gets.</summary>
public sealed class QuadraticTests
{
    /// <summary>A convolution, a square that cuts, a ReLU, a square that does not, sums, and a square at the end.</summary>
    public static IntegerNetwork Mixed(int bits = 32)
    {
        Random random = new(6);
        TensorShape input = new(1, 5, 5);
        ConvolutionShape first = new(input, 3, Window.Square(3, 1, 1)), second = new(first.Output, 2, Window.Square(2, 1));
        return new IntegerNetwork(
            new Modulus(bits), input, 1,
            [
                TwoParties.Linear("first", 0, first, random),
                new QuadraticLayer("square", 1, first.Output, 7, 8, 1, -13, 40),
                TwoParties.Linear("second", 2, second, random),
                new NonlinearLayer("relu", 3, second.Output, null, Rectifies: true, 9, null),
                new SumPoolLayer("sums", 4, second.Output, Window.Square(2, 2)),
                new QuadraticLayer("whole", 5, new(2, 2, 2), 0, bits, -3, 1L << (bits - 3), -1),
                TwoParties.Linear("third", 6, ConvolutionShape.FullyConnected(8, 4), random),
                new QuadraticLayer("last", 7, new(4, 1, 1), bits - 5, 5, 5, 2, 7),
            ],
            1);
    }

    /// <summary>One square of its input.</summary>
    static IntegerNetwork Single(int count, int truncation, int bits, int square = 1) =>
        new(new Modulus(32), new(count, 1, 1), 1, [new QuadraticLayer("square", 0, new(count, 1, 1), truncation, bits, square, 3, 9)], 1);

    [Fact]
    public void The_reference_cuts_rounds_and_wraps()
    {
        Modulus modulus = new(24);
        TensorShape shape = new(8, 1, 1);
        RingTensor x = RingTensor.Of(modulus, shape, [0, 7, 8, -8, -9, 127, -136, 120]);
        // Cut by 4 to 4 bits: 0, 0, 1, 0, −1, 8 → −8, −8 (−8.5 rounds up), 8 → −8.
        Assert.Equal([1, 1, 6, 1, 0, 105, 105, 105], new QuadraticLayer("", 0, shape, 4, 4, 2, 3, 1).Apply([x]).ToSigned());
        Assert.Equal([0, 49, 64, 64, 81, 16129, 18496, 14400], new QuadraticLayer("", 0, shape, 0, 24, 1, 0, 0).Apply([x]).ToSigned());
        foreach ((int truncation, int bits, long square) in ((int, int, long)[])[(-1, 4, 1), (4, 1, 1), (4, 21, 1), (4, 4, 0), (4, 4, 1 << 23)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new QuadraticLayer("", 0, shape, truncation, bits, square, 0, 0).Apply([x]));
        }
    }

    [Theory]
    [InlineData(24, TransferKind.Iknp)]
    [InlineData(32, TransferKind.SoftSpoken)]
    [InlineData(36, TransferKind.SoftSpoken)]
    public async Task Squares_and_rectifiers_in_one_network_are_their_reference_bit_for_bit(int bits, TransferKind transfer)
    {
        TwoParties parties = new(Mixed(bits));
        Random random = new(bits);
        for (int i = 0; i < 6; i++)
        {
            RingTensor input = i % 2 == 0 ? RingTensor.Uniform(parties.Network.Modulus, parties.Network.Input) : TwoParties.Input(parties.Network, random);
            Assert.Equal(parties.Network.Run(input).ToSigned(), (await parties.AskAsync(input, transfer)).ToSigned());
        }
    }

    /// <summary>Every way a cut can lie in the ring, on values from everywhere in it.</summary>
    [Fact]
    public async Task Any_cut_of_any_value_is_exact()
    {
        Random random = new(77);
        for (int trial = 0; trial < 10; trial++)
        {
            int l = random.Next(16, 41), truncation = trial < 2 ? 0 : random.Next(0, l - 3), kept = trial % 3 == 0 ? l - truncation : random.Next(2, l - truncation + 1);
            Modulus modulus = new(l);
            TensorShape shape = new(trial == 9 ? 5_000 : 200, 1, 1);
            IntegerNetwork network = new(
                modulus, shape, 1, [new QuadraticLayer("square", 0, shape, truncation, kept, random.Next(1, 9), random.Next(-99, 99), random.Next(-99, 99))], 1);
            RingTensor input = RingTensor.Uniform(modulus, shape);
            // Those where something carries or wraps, or only just does not.
            foreach (int bit in (int[])[truncation, truncation + kept - 1, truncation + kept, l - 1])
            {
                for (int i = -2; i < 3; i++)
                {
                    input.Elements[(bit * 4) + i + 2] = modulus.Element((1L << bit) - (truncation > 0 ? 1L << (truncation - 1) : 0) + i);
                }
            }
            Assert.Equal(network.Run(input).ToSigned(), (await new TwoParties(network).AskAsync(input)).ToSigned());
        }
    }

    [Fact]
    public async Task Bytes_and_rounds_are_counted_before_they_are_sent()
    {
        foreach (IntegerNetwork network in (IntegerNetwork[])[Mixed(), Mixed(25), Single(7, 0, 32), Single(7, 3, 20), TwoParties.Tiny()])
        {
            TwoParties parties = new(network);
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
            (ProtocolOutcome outcome, _, _) = await parties.TryAskAsync(here, there, RingTensor.Uniform(network.Modulus, network.Input), default);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            Traffic offline = here.Traffic(ProtocolPhase.Offline), online = here.Traffic(ProtocolPhase.Online);
            Assert.Equal(new ProtocolSizes(offline.Sent, offline.Received), parties.Client.Offline(TransferKind.SoftSpoken));
            Assert.Equal(new ProtocolSizes(online.Sent, online.Received), parties.Client.Online);
            Assert.Equal((ProtocolSizes.OfflineRounds(network), ProtocolSizes.OnlineRounds(network)), (offline.Rounds, online.Rounds));
        }
        // A value cut from 12 bits: 12 labels asked for and given, a word each way; two more messages a layer than without a cut.
        Assert.Equal(
            (12 * 16 * 80) + (12 * 80 / 8) + (2 * 9), ProtocolSizes.Online(Single(80, 4, 8)).Bytes - ProtocolSizes.Online(Single(80, 0, 32)).Bytes);
        Assert.Equal((80 * 4 * 2) + (2 * 9), ProtocolSizes.Online(Single(80, 0, 32)).Bytes - (9 + 81 + 33 + 9 + 9 + 9 + (2 * 80 * 4)));
    }

    [Fact]
    public async Task Material_goes_to_disk_is_good_once_and_no_crash_makes_it_good_twice()
    {
        string path = Directory.CreateTempSubdirectory("funion-squares-").FullName;
        byte[] key = RandomNumberGenerator.GetBytes(32);
        TwoParties parties = new(Mixed());
        using MaterialFolder mine = new(Path.Combine(path, "client"), key), theirs = new(Path.Combine(path, "server"), key);
        foreach (MaterialStep? death in (MaterialStep?[])[null, MaterialStep.Read, MaterialStep.Unsalted, MaterialStep.Overwritten, MaterialStep.Removed])
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
            Task<ProtocolOutcome> serving = Task.Run(async () => await parties.Server.ServeAsync(there));
            (_, ClientMaterial? prepared) = await parties.Client.PrepareAsync(here, TransferKind.SoftSpoken);
            Bytes32 session = prepared!.Session;
            await here.DisposeAsync();
            await serving;
            mine.Keep(prepared);
            Assert.True(parties.Kept.Remove(session, out ServerMaterial? kept));
            Assert.Equal(parties.Model.MaterialSize, kept!.Size);
            theirs.Keep(kept);
            if (death is { } step)
            {
                mine.Reached = reached => _ = reached == step ? throw new InvalidOperationException("died") : 0;
                Assert.Throws<InvalidOperationException>(() => mine.TryTake(parties.Client, session, ChannelKind.Direct, out _));
                mine.Reached = null;
                MaterialOutcome then = mine.TryTake(parties.Client, session, ChannelKind.Direct, out ClientMaterial? again);
                Assert.Equal(step == MaterialStep.Read ? MaterialOutcome.Taken : step == MaterialStep.Removed ? MaterialOutcome.Missing : MaterialOutcome.Malformed, then);
                again?.Dispose();
                continue;
            }
            Assert.Equal(MaterialOutcome.Taken, mine.TryTake(parties.Client, session, ChannelKind.Direct, out ClientMaterial? material));
            TwoPartyServer server = new(parties.Model, () => null, id => theirs.TryTake(parties.Model, id, out ServerMaterial? found) == MaterialOutcome.Taken ? found : null);
            (here, there) = MemoryChannel.Pair();
            serving = Task.Run(async () => await server.ServeAsync(there));
            RingTensor input = RingTensor.Uniform(parties.Network.Modulus, parties.Network.Input);
            (ProtocolOutcome outcome, RingTensor? output) = await parties.Client.RunAsync(here, material!, input);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            Assert.Equal(parties.Network.Run(input).ToSigned(), output!.ToSigned());
            Assert.Equal(MaterialOutcome.Missing, mine.TryTake(parties.Client, session, ChannelKind.Direct, out _));
            Assert.All(material!.Quadratics, part => Assert.All(part.Values.Concat(part.Squares), word => Assert.Equal(0UL, word)));
            await here.DisposeAsync();
            await serving;
        }
        Directory.Delete(path, recursive: true);
    }

    /// <summary>A server that opens e + δ: the result moves by 2·Square·δ·(v − a₂) + Square·δ², which it does not see; the client notices nothing.</summary>
    [Fact]
    public async Task A_server_that_opens_something_else_moves_the_result_by_a_multiple_of_the_value_and_sees_nothing()
    {
        const int Count = 6, Delta = 1 << 20, Square = 5;
        TwoParties parties = new(Single(Count, 2, 16, Square));
        ulong[] pairs = [];
        RingTensor input = RingTensor.Of(parties.Network.Modulus, parties.Network.Input, [-400, -5, 0, 3, 70, 90_000]);
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(server: (_, message) =>
        {
            if (message[4] == (byte)MessageKind.Opened)
            {
                for (int i = 0; i < Count; i++)
                {
                    BitConverter.TryWriteBytes(message.AsSpan(9 + (4 * i)), unchecked(BitConverter.ToUInt32(message, 9 + (4 * i)) + (uint)Delta));
                }
            }
            if (message[4] == (byte)MessageKind.Prepared)
            {
                pairs = [.. parties.Kept.Values.Single().Quadratics[0].Values];
            }
            return [message];
        });
        (ProtocolOutcome outcome, _, RingTensor? output) = await parties.TryAskAsync(here, there, input, default);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        QuadraticLayer layer = (QuadraticLayer)parties.Network.Layers[0];
        RingTensor cut = (layer with { Square = 1, Linear = 0, Constant = 0 }).Apply([input]), right = parties.Network.Run(input);
        for (int i = 0; i < Count; i++)
        {
            long rounded = (input.ToSigned()[i] + 2) >> 2, v = unchecked((short)rounded);
            Assert.Equal((ulong)(v * v), cut.Elements[i]);
            ulong moved = unchecked((2UL * Square * Delta * ((ulong)v - pairs[i])) + ((ulong)Square * Delta * Delta)) & parties.Network.Modulus.Mask;
            Assert.Equal(unchecked(right.Elements[i] + moved) & parties.Network.Modulus.Mask, output!.Elements[i]);
        }
    }

    /// <summary>A client that answers z + δ moves the result by δ; one that spoils a correction moves it by what the server's bits say, and nobody stops.</summary>
    [Fact]
    public async Task A_client_that_answers_something_else_moves_the_result_and_the_server_sees_no_difference()
    {
        TwoParties parties = new(Single(3, 0, 32));
        RingTensor input = RingTensor.Of(parties.Network.Modulus, parties.Network.Input, [4, -9, 100]), right = parties.Network.Run(input);
        foreach (MessageKind kind in (MessageKind[])[MessageKind.Squares, MessageKind.Products])
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (_, message) =>
            {
                message[9] ^= (byte)(message[4] == (byte)kind ? 1 : 0);
                return [message];
            });
            (ProtocolOutcome client, ProtocolOutcome server, RingTensor? output) = await parties.TryAskAsync(here, there, input, default);
            Assert.Equal((ProtocolOutcome.Done, ProtocolOutcome.Closed), (client, server));
            Assert.Equal(right.Elements[1..].ToArray(), output!.Elements[1..].ToArray());
            long moved = parties.Network.Modulus.Signed(unchecked(output.Elements[0] - right.Elements[0]) & parties.Network.Modulus.Mask);
            // A correction counts only where the server's bit is 1, and then twice.
            Assert.Contains(moved, kind == MessageKind.Squares ? (long[])[-1, 1] : [-2, 0, 2]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_cut_short_or_of_another_kind_is_named(bool client)
    {
        TwoParties parties = new(Single(3, 4, 9));
        foreach (Func<byte[], byte[]> change in (Func<byte[], byte[]>[])[Shorter, message => [.. message[..4], (byte)(message[4] ^ 0x10), .. message[5..]]])
        {
            bool changed = true;
            for (int number = 0; changed; number++)
            {
                changed = false;
                Func<int, byte[], byte[][]> line = (i, message) =>
                {
                    changed |= i == number;
                    return [i == number ? change(message) : message];
                };
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
                (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: client ? line : null, server: client ? null : line);
                (ProtocolOutcome ofClient, ProtocolOutcome ofServer, RingTensor? output) =
                    await parties.TryAskAsync(here, there, TwoParties.Input(parties.Network, new Random(1)), patience.Token);
                Assert.True(!changed || (client ? ofServer : ofClient) is ProtocolOutcome.WrongSize or ProtocolOutcome.WrongOrder, $"message {number}: {ofClient}, {ofServer}");
                Assert.Equal(!changed, output is not null);
            }
        }
    }

    [Fact]
    public async Task Carries_of_another_session_are_refused()
    {
        TwoParties parties = new(Single(3, 4, 9));
        byte[]? earlier = null;
        foreach (ProtocolOutcome expected in (ProtocolOutcome[])[ProtocolOutcome.Closed, ProtocolOutcome.WrongSession])
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (_, message) =>
            {
                byte[] sent = message[4] == (byte)MessageKind.Batch && earlier is not null ? earlier : message;
                earlier = message[4] == (byte)MessageKind.Batch ? message : earlier;
                return [sent];
            });
            Assert.Equal(expected, (await parties.TryAskAsync(here, there, TwoParties.Input(parties.Network, new Random(2)), default)).Server);
        }
    }

    /// <summary>An enclave has its activations in the clear, and no code for squares.</summary>
    [Fact]
    public void An_enclave_is_given_no_network_with_squares() => Assert.Null(NetworkCode.TryRead(NetworkCode.ToBytes(Mixed())));

    static byte[] Shorter(byte[] message)
    {
        byte[] changed = message.Length == 9 ? [.. message, 0] : message[..^1];
        BitConverter.TryWriteBytes(changed, changed.Length - 9);
        return changed;
    }
}
