using Funion.Private.Garbling;
using Funion.Private.Transfer;
using Funion.Tests.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Garbling;

/// <summary>Shares of output bits in place of a result.</summary>
public sealed class OutputSharesTests
{
    readonly Random _random = new(20260711);

    [Theory]
    [InlineData(0, 5, 24)]
    [InlineData(7, 9, 32)]
    [InlineData(20, 12, 32)]
    [InlineData(1, 1, 64)]
    public void Shares_of_carries_add_up_and_neither_alone_says_anything(int truncation, int bits, int shareBits)
    {
        const int Count = 333;
        int low = truncation + bits;
        ulong mask = ulong.MaxValue >> (64 - shareBits);
        ulong[] left = Words(Count, low), right = Words(Count, low);
        Circuit circuit = Carries.ToCircuit(truncation, bits);
        Assert.Equal((low, truncation == 0 ? 1 : 2), (circuit.AndGates, circuit.Outputs));
        (ulong[] ours, ulong[] theirs, _) = Run(new GarblingGeometry(circuit, Count, choicesFirst: false, shareBits), left, right);
        int outputs = circuit.Outputs;
        for (int i = 0; i < Count; i++)
        {
            // Words above the low bits are none of the circuit's business.
            ulong a = left[i] & (ulong.MaxValue >> (64 - low)), b = right[i] & (ulong.MaxValue >> (64 - low)), below = (1UL << truncation) - 1;
            ulong wrap = unchecked(ours[(i * outputs) + outputs - 1] + theirs[(i * outputs) + outputs - 1]) & mask;
            Assert.Equal((a + b) >> low, wrap);
            if (truncation > 0)
            {
                Assert.Equal(((a & below) + (b & below)) >> truncation, unchecked(ours[i * outputs] + theirs[i * outputs]) & mask);
            }
        }
        foreach (ulong[] shares in (ulong[][])[ours, theirs])
        {
            // Bits of all words are even: five standard deviations.
            double ones = shares.Average(share => (double)System.Numerics.BitOperations.PopCount(share)) / shareBits;
            Assert.InRange(ones, 0.5 - (2.5 / Math.Sqrt(shares.Length * shareBits)), 0.5 + (2.5 / Math.Sqrt(shares.Length * shareBits)));
            Assert.All(shares, share => Assert.True(share <= mask));
        }
    }

    [Fact]
    public void A_batch_with_shares_and_one_without_are_not_taken_for_each_other()
    {
        Circuit circuit = Carries.ToCircuit(3, 5);
        GarblingGeometry plain = new(circuit, 4), shares = new(circuit, 4, choicesFirst: false, 32);
        Assert.NotEqual(BatchBinding.Of(plain, default, 1), BatchBinding.Of(shares, default, 1));
        Assert.Equal(4 * 2 * 4, shares.DecodeSize);
        (_, _, byte[] message) = Run(shares, Words(4, 8), Words(4, 8));
        Assert.Equal(shares.BatchSize, message.Length);
    }

    [Fact]
    public void Misuse_is_a_programming_error()
    {
        Circuit circuit = Carries.ToCircuit(3, 5);
        Assert.Throws<ArgumentOutOfRangeException>(() => Carries.ToCircuit(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Carries.ToCircuit(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GarblingGeometry(circuit, 1, choicesFirst: false, 65));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GarblingGeometry(circuit, 1, choicesFirst: false, -1));
        GarblingGeometry geometry = new(circuit, 2, choicesFirst: false, 32);
        Label[] zero = new Label[geometry.Transfers];
        byte[] message = new byte[geometry.BatchSize];
        Label delta = Dealer.Random() | System.Runtime.Intrinsics.Vector128.Create<byte>(0x80);
        Assert.Throws<ArgumentOutOfRangeException>(() => GarblerBatch.Garble(geometry, default, 1, delta, new ulong[2], zero, message));
        Assert.Throws<ArgumentOutOfRangeException>(() => GarblerBatch.Garble(geometry, default, 1, delta, new ulong[2], zero, message, new ulong[3]));
    }

    (ulong[] Ours, ulong[] Theirs, byte[] Message) Run(GarblingGeometry geometry, ulong[] left, ulong[] right)
    {
        (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Deal(TransferGeometry.SoftSpoken, _random);
        (Label[] zero, byte[] choices, Label[] chosen) = Dealer.Extend(sender, receiver, TransferGeometry.SoftSpoken, geometry.Transfers);
        byte[] message = new byte[geometry.BatchSize], request = new byte[geometry.RequestSize], reply = new byte[geometry.ReplySize];
        ulong[] ours = new ulong[geometry.Instances * geometry.Results], theirs = new ulong[ours.Length];
        using GarblerBatch garbler = GarblerBatch.Garble(geometry, sender.Transcript, 1, sender.Delta, left, zero, message, ours);
        using EvaluatorBatch evaluator = new(geometry, receiver.Transcript, 1, choices, chosen);
        Assert.Equal(GarblingOutcome.Taken, evaluator.Take([.. message]));
        evaluator.Request(right, request);
        Assert.Equal(GarblingOutcome.Taken, garbler.Answer(request, reply));
        Assert.Equal(GarblingOutcome.Taken, evaluator.Evaluate(reply, [], theirs));
        sender.Dispose();
        receiver.Dispose();
        return (ours, theirs, message);
    }

    /// <summary>With some where the carry is a near thing.</summary>
    ulong[] Words(int count, int bits) => [.. Enumerable.Range(0, count).Select(i => i % 7 == 0 ? (ulong.MaxValue >> (64 - bits)) - (ulong)(i % 3) : (ulong)_random.NextInt64())];
}
