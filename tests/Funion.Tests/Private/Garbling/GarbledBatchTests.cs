using System.Runtime.Intrinsics;
using Funion.Private.Garbling;
using Funion.Private.Transfer;
using Funion.Tests.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Garbling;

/// <summary>A layer of activations between two parties, in both directions; what goes over the wire, byte by byte; what is refused.</summary>
public sealed partial class GarbledBatchTests
{
    static readonly Activation s_relu = new() { Width = 32, Truncation = 8 };

    readonly Random _random = new(20260702);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_client_that_garbles_gives_the_server_the_next_masked_value(int depth)
    {
        const int Count = 77;
        Party party = new(this, s_relu, Count, choicesFirst: false, depth);
        ulong[] client = party.Words(1), masks = party.Words(1), server = party.Words(1);
        // Offline: the client's share and its next mask are known, the server's share is not.
        byte[] message = new byte[party.Geometry.BatchSize], request = new byte[party.Geometry.RequestSize], reply = new byte[party.Geometry.ReplySize];
        using GarblerBatch garbler = party.Garble([.. client.Zip(masks, (a, r) => (ulong[])[a, r]).SelectMany(pair => pair)], message);
        using EvaluatorBatch evaluator = party.Evaluator();
        Assert.Equal(GarblingOutcome.Taken, evaluator.Take([.. message]));
        // Online.
        evaluator.Request(server, request);
        Assert.Equal(GarblingOutcome.Taken, garbler.Answer(request, reply));
        ulong[] results = new ulong[Count];
        Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate(reply, [], results));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(s_relu.Compute([client[i]], [server[i]], masks[i]), results[i]);
        }
        Assert.True(garbler.IsSpent && evaluator.IsSpent);
    }

    [Fact]
    public void A_server_that_garbles_gives_the_client_the_masked_value_to_send_back()
    {
        const int Count = 35;
        Activation activation = s_relu with { GarblerIsBound = false, Window = 4, Rectifier = Rectifier.Clamp, Limit = 1536 };
        Party party = new(this, activation, Count, choicesFirst: true, depth: 4);
        ulong[] client = party.Words(4), masks = party.Words(1), server = party.Words(4);
        // Offline: the client's shares and mask are known and chosen first.
        byte[] request = new byte[party.Geometry.RequestSize], message = new byte[party.Geometry.BatchSize], late = new byte[party.Geometry.LateSize];
        using EvaluatorBatch evaluator = party.Evaluator();
        ulong[] open = new ulong[Count * 5];
        for (int i = 0; i < Count; i++)
        {
            client.AsSpan(i * 4, 4).CopyTo(open.AsSpan(i * 5));
            open[(i * 5) + 4] = masks[i];
        }
        evaluator.Request(open, request);
        using GarblerBatch? garbler = GarblerBatch.Garble(party.Geometry, party.Session, 1, party.Delta, [], party.Zero, request, message);
        Assert.NotNull(garbler);
        Assert.Equal(GarblingOutcome.Taken, evaluator.Take([.. message]));
        Assert.Equal(0, party.Geometry.ReplySize);
        // Online.
        garbler.Send(server, late);
        ulong[] results = new ulong[Count];
        Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate([], late, results));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(activation.Compute(server.AsSpan(i * 4, 4), client.AsSpan(i * 4, 4), masks[i]), results[i]);
        }
        Assert.True(garbler.IsSpent && evaluator.IsSpent);
    }

    /// <summary>The sizes of real messages: 2,048 values a batch, headers, checks and padding rows included.</summary>
    [Theory]
    [InlineData(32, 8, false, 1, 3_300, 520)]
    [InlineData(32, 8, false, 4, 2_900, 520)]
    [InlineData(24, 8, true, 1, 2_200, 400)]
    [InlineData(24, 8, true, 4, 1_800, 400)]
    [InlineData(24, 8, false, 4, 2_200, 400)]
    public void Bytes_of_a_relu_are_within_the_targets(int width, int truncation, bool drop, int depth, double offline, double online)
    {
        const int Count = 2_048;
        Activation activation = new() { Width = width, Truncation = truncation, DropLowBits = drop };
        Party party = new(this, activation, Count, choicesFirst: false, depth);
        GarblingGeometry geometry = party.Geometry;
        int ands = (drop ? width - truncation - 1 : width - 1) + (width - 1 - truncation) + (width - 1), bits = drop ? width - truncation : width;
        Assert.Equal(64 + (Count * ((ands * 32) + (width / 8))), geometry.BatchSize);
        Assert.Equal(Count * bits / 8, geometry.RequestSize);
        Assert.Equal(Count * bits * 16, geometry.ReplySize);
        Assert.Equal((((128 / depth) - 1) * ((Count * bits / 8) + 16)) + (129 * 16), party.ExtensionBytes);
        Assert.Equal(party.ExtensionBytes + geometry.BatchSize, geometry.OfflineBytes(new TransferGeometry(depth)));
        Assert.Equal(geometry.RequestSize + geometry.ReplySize, geometry.OnlineBytes);
        Assert.InRange(geometry.OfflineBytes(new TransferGeometry(depth)) / (double)Count, 0, offline);
        Assert.InRange(geometry.OnlineBytes / (double)Count, 0, online);
    }

    /// <summary>The table of layers in the security notes, rounded as there.</summary>
    [Theory]
    [InlineData(32, false, 1, 1, 3_234, 2_849, 516)]
    [InlineData(32, true, 1, 1, 2_851, 2_562, 387)]
    [InlineData(24, false, 1, 1, 2_338, 2_049, 387)]
    [InlineData(24, true, 1, 1, 1_955, 1_762, 258)]
    [InlineData(32, false, 2, 1, 3_618, 3_233, 516)]
    [InlineData(32, false, 1, 4, 12_342, 10_805, 2_064)]
    public void Bytes_of_a_layer_are_those_of_the_documentation(int width, bool drop, int rectifier, int window, int iknp, int softSpoken, int online)
    {
        Activation activation = s_relu with
        {
            Width = width, DropLowBits = drop, Window = window, Rectifier = (Rectifier)rectifier, Limit = rectifier == (int)Rectifier.Clamp ? 6UL << 8 : 0,
        };
        GarblingGeometry geometry = new(activation.ToCircuit(), 2_048);
        Assert.Equal(iknp, Math.Round(geometry.OfflineBytes(TransferGeometry.Iknp) / 2_048.0));
        Assert.Equal(softSpoken, Math.Round(geometry.OfflineBytes(TransferGeometry.SoftSpoken) / 2_048.0));
        Assert.Equal(online, geometry.OnlineBytes / 2_048.0);
    }

    [Fact]
    public void Every_step_is_taken_once_and_in_its_order()
    {
        Party party = new(this, s_relu, 3, choicesFirst: false, depth: 4);
        GarblingGeometry geometry = party.Geometry;
        byte[] message = new byte[geometry.BatchSize], request = new byte[geometry.RequestSize], reply = new byte[geometry.ReplySize];
        using GarblerBatch garbler = party.Garble(new ulong[6], message);
        using EvaluatorBatch evaluator = party.Evaluator();
        ulong[] results = new ulong[3];
        Assert.Equal(GarblingOutcome.Spent, evaluator.Evaluate(reply, [], results));
        Assert.Throws<InvalidOperationException>(() => evaluator.Request(new ulong[3], request));
        Assert.Throws<InvalidOperationException>(() => evaluator.Export(new byte[EvaluatorBatch.ExportSize(geometry)]));
        Assert.Throws<InvalidOperationException>(() => garbler.Send([], []));
        Assert.Equal(GarblingOutcome.Taken, evaluator.Take([.. message]));
        Assert.Equal(GarblingOutcome.Spent, evaluator.Take([.. message]));
        Assert.Equal(GarblingOutcome.Spent, evaluator.Evaluate(reply, [], results));
        evaluator.Request([1, 2, 3], request);
        Assert.Throws<InvalidOperationException>(() => evaluator.Request([4, 5, 6], request));
        Assert.Throws<InvalidOperationException>(() => evaluator.Export(new byte[EvaluatorBatch.ExportSize(geometry)]));
        Assert.Equal(GarblingOutcome.Taken, garbler.Answer(request, reply));
        request[0] ^= 1;
        byte[] second = new byte[geometry.ReplySize];
        Assert.Equal(GarblingOutcome.Spent, garbler.Answer(request, second));
        Assert.All(second, value => Assert.Equal(0, value));
        Assert.Throws<InvalidOperationException>(() => garbler.Export(new byte[GarblerBatch.ExportSize(geometry)]));
        Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate(reply, [], results));
        Assert.Equal(GarblingOutcome.Spent, evaluator.Evaluate(reply, [], results));
        Assert.Equal(GarblingOutcome.Spent, evaluator.Take([.. message]));
    }

    [Fact]
    public void A_batch_for_another_session_number_circuit_or_size_is_refused_and_ends_ours()
    {
        Party party = new(this, s_relu, 5, choicesFirst: false, depth: 4);
        byte[] message = new byte[party.Geometry.BatchSize];
        using GarblerBatch garbler = party.Garble(new ulong[10], message);
        GarblingGeometry other = new((s_relu with { Truncation = 7, DropLowBits = false }).ToCircuit(), 5);
        List<(EvaluatorBatch Batch, byte[] Message, GarblingOutcome Outcome)> cases =
        [
            (new(party.Geometry, Dealer.Session(99), 1, party.Choices, party.Chosen), message, GarblingOutcome.WrongBatch),
            (new(party.Geometry, party.Session, 2, party.Choices, party.Chosen), message, GarblingOutcome.WrongBatch),
            (new(party.Geometry, party.Session, 1, party.Choices, party.Chosen), message[..^1], GarblingOutcome.WrongSize),
            (new(party.Geometry, party.Session, 1, party.Choices, party.Chosen), [.. message, 0], GarblingOutcome.WrongSize),
            (new(party.Geometry, party.Session, 1, party.Choices, party.Chosen), [], GarblingOutcome.WrongSize),
            (new(other, party.Session, 1, party.Choices, party.Chosen), new byte[other.BatchSize], GarblingOutcome.WrongBatch),
        ];
        foreach ((EvaluatorBatch batch, byte[] bytes, GarblingOutcome outcome) in cases)
        {
            Assert.Equal(outcome, batch.Take([.. bytes]));
            Assert.True(batch.IsSpent);
            Assert.Equal(GarblingOutcome.Spent, batch.Take([.. message]));
        }
    }

    [Fact]
    public void A_request_of_a_wrong_size_or_padding_ends_the_garblers_batch()
    {
        Activation odd = new() { Width = 17 };
        foreach (bool padding in (bool[])[false, true])
        {
            Party party = new(this, odd, 3, choicesFirst: false, depth: 4);
            byte[] message = new byte[party.Geometry.BatchSize], reply = new byte[party.Geometry.ReplySize], request = new byte[party.Geometry.RequestSize];
            using GarblerBatch garbler = party.Garble(new ulong[6], message);
            request[^1] = 0x80;
            Assert.Equal(
                padding ? GarblingOutcome.BadPadding : GarblingOutcome.WrongSize, garbler.Answer(request.AsSpan(0, request.Length - (padding ? 0 : 1)), reply));
            Assert.All(reply, value => Assert.Equal(0, value));
            request[^1] = 0;
            Assert.Equal(GarblingOutcome.Spent, garbler.Answer(request, reply));
        }
        Party first = new(this, odd with { GarblerIsBound = false }, 3, choicesFirst: true, depth: 4);
        byte[] batch = new byte[first.Geometry.BatchSize], bad = new byte[first.Geometry.RequestSize];
        bad[^1] = 0x80;
        Assert.Null(GarblerBatch.Garble(first.Geometry, first.Session, 1, first.Delta, [], first.Zero, bad, batch));
        Assert.Null(GarblerBatch.Garble(first.Geometry, first.Session, 1, first.Delta, [], first.Zero, bad.AsSpan(1), batch));
    }

    [Fact]
    public void A_reply_of_a_wrong_size_is_refused_without_a_result()
    {
        Party party = new(this, s_relu, 4, choicesFirst: false, depth: 4);
        byte[] message = new byte[party.Geometry.BatchSize], request = new byte[party.Geometry.RequestSize];
        using GarblerBatch garbler = party.Garble(new ulong[8], message);
        using EvaluatorBatch evaluator = party.Evaluator();
        evaluator.Take(message);
        evaluator.Request(new ulong[4], request);
        ulong[] results = new ulong[4];
        Assert.Equal(GarblingOutcome.WrongSize, evaluator.Evaluate(new byte[party.Geometry.ReplySize - 1], [], results));
        Assert.Equal(GarblingOutcome.Spent, evaluator.Evaluate(new byte[party.Geometry.ReplySize], [], results));
        Assert.All(results, value => Assert.Equal(0UL, value));
    }

    [Fact]
    public void A_garbler_that_cheats_sees_no_difference_between_the_evaluators_inputs()
    {
        foreach (ulong input in (ulong[])[0, uint.MaxValue])
        {
            for (int trial = 0; trial < 30; trial++)
            {
                Party party = new(this, s_relu, 2, choicesFirst: false, depth: 4);
                byte[] message = new byte[party.Geometry.BatchSize], request = new byte[party.Geometry.RequestSize], reply = new byte[party.Geometry.ReplySize];
                using GarblerBatch garbler = party.Garble([1, 2, 3, 4], message);
                using EvaluatorBatch evaluator = party.Evaluator();
                // A bit of a table or of the words to decode with; then a bit of a label.
                message[_random.Next(64, message.Length)] ^= (byte)(1 << _random.Next(8));
                Assert.Equal(GarblingOutcome.Taken, evaluator.Take(message));
                evaluator.Request([input, input], request);
                garbler.Answer(request, reply);
                reply[_random.Next(reply.Length)] ^= (byte)(1 << _random.Next(8));
                Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate(reply, [], new ulong[2]));
            }
        }
    }

    [Fact]
    public void Nothing_that_is_sent_online_holds_delta_or_an_input()
    {
        Party party = new(this, s_relu, 64, choicesFirst: false, depth: 4);
        byte[] message = new byte[party.Geometry.BatchSize], request = new byte[party.Geometry.RequestSize], reply = new byte[party.Geometry.ReplySize];
        using GarblerBatch garbler = party.Garble(new ulong[128], message);
        using EvaluatorBatch evaluator = party.Evaluator();
        evaluator.Take(message);
        evaluator.Request(new ulong[64], request);
        // Inputs of zeros: what is sent is the random choices, as good as even.
        int ones = request.Sum(value => System.Numerics.BitOperations.PopCount(value));
        Assert.InRange(ones, 1_024 - 113, 1_024 + 113);
        garbler.Answer(request, reply);
        HashSet<Label> seen = [party.Delta, Label.Zero];
        for (int i = 0; i < reply.Length; i += 16)
        {
            Label label = Vector128.Create(reply, i);
            Assert.True(seen.Add(label) && seen.Add(label ^ party.Delta));
        }
    }

    [Fact]
    public void Batches_survive_a_restart_as_bytes_and_are_spent_where_they_were()
    {
        foreach (bool serverGarbles in (bool[])[false, true])
        {
            Activation activation = s_relu with { GarblerIsBound = !serverGarbles };
            Party party = new(this, activation, 20, serverGarbles, depth: 4);
            GarblingGeometry geometry = party.Geometry;
            ulong[] evaluators = party.Words(activation.GarblerIsBound ? 1 : 2), garblers = party.Words(activation.GarblerIsBound ? 2 : 1);
            byte[] message = new byte[geometry.BatchSize], request = new byte[geometry.RequestSize], reply = new byte[geometry.ReplySize], late = new byte[geometry.LateSize];
            EvaluatorBatch evaluator = party.Evaluator();
            if (serverGarbles)
            {
                evaluator.Request(evaluators, request);
            }
            GarblerBatch garbler = serverGarbles
                ? GarblerBatch.Garble(geometry, party.Session, 1, party.Delta, [], party.Zero, request, message)!
                : party.Garble(garblers, message);
            evaluator.Take(message);
            byte[] left = new byte[GarblerBatch.ExportSize(geometry)], right = new byte[EvaluatorBatch.ExportSize(geometry)];
            garbler.Export(left);
            evaluator.Export(right);
            Assert.True(garbler.IsSpent && evaluator.IsSpent);
            Assert.Throws<InvalidOperationException>(() => garbler.Export(left));
            Assert.Throws<InvalidOperationException>(() => evaluator.Export(right));
            Assert.Null(GarblerBatch.TryRead(geometry, party.Session, 2, left));
            Assert.Null(EvaluatorBatch.TryRead(geometry, Dealer.Session(3), 1, right));
            Assert.Null(GarblerBatch.TryRead(geometry, party.Session, 1, left.AsSpan(1)));
            Assert.Null(EvaluatorBatch.TryRead(geometry, party.Session, 1, right.AsSpan(0, right.Length - 1)));
            garbler = GarblerBatch.TryRead(geometry, party.Session, 1, left)!;
            evaluator = EvaluatorBatch.TryRead(geometry, party.Session, 1, right)!;
            if (serverGarbles)
            {
                garbler.Send(garblers, late);
            }
            else
            {
                evaluator.Request(evaluators, request);
                Assert.Equal(GarblingOutcome.Taken, garbler.Answer(request, reply));
            }
            ulong[] results = new ulong[20];
            Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate(reply, late, results));
            for (int i = 0; i < 20; i++)
            {
                ulong mask = serverGarbles ? evaluators[(2 * i) + 1] : garblers[(2 * i) + 1];
                Assert.Equal(activation.Compute([garblers[serverGarbles ? i : 2 * i]], [evaluators[serverGarbles ? 2 * i : i]], mask), results[i]);
            }
        }
    }

    [Fact]
    public void Misuse_is_a_programming_error()
    {
        Circuit circuit = s_relu.ToCircuit();
        Assert.Throws<ArgumentNullException>(() => new GarblingGeometry(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GarblingGeometry(circuit, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GarblingGeometry(circuit, 32_769));
        Party party = new(this, s_relu, 2, choicesFirst: false, depth: 4);
        GarblingGeometry first = new(circuit, 2, choicesFirst: true);
        byte[] message = new byte[party.Geometry.BatchSize];
        Assert.Throws<ArgumentException>(() => GarblerBatch.Garble(first, party.Session, 1, party.Delta, new ulong[4], party.Zero, message));
        Assert.Throws<ArgumentException>(() => GarblerBatch.Garble(party.Geometry, party.Session, 1, party.Delta, new ulong[4], party.Zero, new byte[8], message));
        Assert.Throws<ArgumentOutOfRangeException>(() => party.Garble(new ulong[3], message));
        Assert.Throws<ArgumentOutOfRangeException>(() => party.Garble(new ulong[4], message[..^1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GarblerBatch.Garble(party.Geometry, party.Session, 1, party.Delta, new ulong[4], party.Zero.AsSpan(1), message));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EvaluatorBatch(party.Geometry, party.Session, 1, party.Choices.AsSpan(1), party.Chosen));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EvaluatorBatch(party.Geometry, party.Session, 1, party.Choices, party.Chosen.AsSpan(1)));
        using GarblerBatch garbler = party.Garble(new ulong[4], message);
        using EvaluatorBatch evaluator = party.Evaluator();
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Answer(new byte[8], new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Export(new byte[1]));
        Assert.Throws<ArgumentNullException>(() => evaluator.Take(null!));
        evaluator.Take(message);
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Request(new ulong[1], new byte[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Request(new ulong[2], new byte[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Evaluate([], [], new ulong[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Export(new byte[1]));
    }

    /// <summary>Both parties up to the transfers of one batch.</summary>
    sealed class Party
    {
        readonly GarbledBatchTests _tests;

        readonly ulong _mask;

        public Party(GarbledBatchTests tests, Activation activation, int count, bool choicesFirst, int depth)
        {
            _tests = tests;
            _mask = ulong.MaxValue >> (64 - activation.Width);
            Geometry = new GarblingGeometry(activation.ToCircuit(), count, choicesFirst);
            TransferGeometry transfer = new(depth);
            (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Deal(transfer, tests._random);
            (Zero, Choices, Chosen) = Dealer.Extend(sender, receiver, transfer, Geometry.Transfers);
            ExtensionBytes = transfer.ExtensionSize(Geometry.Transfers);
            Delta = sender.Delta;
            Session = sender.Transcript;
            sender.Dispose();
            receiver.Dispose();
        }

        public GarblingGeometry Geometry { get; }

        public Bytes32 Session { get; }

        public Label Delta { get; }

        public Label[] Zero { get; }

        public byte[] Choices { get; }

        public Label[] Chosen { get; }

        public int ExtensionBytes { get; }

        public GarblerBatch Garble(ulong[] bound, byte[] message) => GarblerBatch.Garble(Geometry, Session, 1, Delta, bound, Zero, message);

        public EvaluatorBatch Evaluator() => new(Geometry, Session, 1, Choices, Chosen);

        public ulong[] Words(int each) =>
            [.. Enumerable.Range(0, Geometry.Instances * each).Select(_ => unchecked((ulong)_tests._random.NextInt64(long.MinValue, long.MaxValue)) & _mask)];
    }
}
