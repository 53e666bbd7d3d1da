using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Garbling;

namespace Funion.Tests.Private.Garbling;

/// <summary>Activations as circuits, against integers.</summary>
public sealed class GarbledActivationTests
{
    [Theory]
    [InlineData(32, 8, false, 1, 1, 85)]
    [InlineData(32, 8, true, 1, 1, 77)]
    [InlineData(24, 8, false, 1, 1, 61)]
    [InlineData(24, 8, true, 1, 1, 53)]
    [InlineData(32, 0, false, 1, 1, 93)]
    [InlineData(32, 8, false, 1, 0, 62)]
    [InlineData(32, 8, false, 1, 2, 97)]
    [InlineData(32, 8, false, 4, 0, (4 * 31) + (3 * 48) + 31)]
    [InlineData(32, 8, false, 4, 1, (4 * 31) + (3 * 48) + 23 + 31)]
    [InlineData(32, 8, false, 9, 1, (9 * 31) + (8 * 48) + 23 + 31)]
    public void An_activation_has_as_many_and_gates_as_the_accounting_says(int width, int truncation, bool drop, int window, int rectifier, int ands)
    {
        Activation activation = new()
        {
            Width = width, Truncation = truncation, DropLowBits = drop, Window = window, Rectifier = (Rectifier)rectifier,
            Limit = rectifier == (int)Rectifier.Clamp ? 6UL << 8 : 0,
        };
        Circuit circuit = activation.ToCircuit();
        Assert.Equal(ands, circuit.AndGates);
        Assert.Equal(window * (drop ? width - truncation : width), circuit.OpenBits);
        Assert.Equal(width, circuit.Outputs);
        Assert.Equal(0, circuit.LateBits);
        Assert.Equal(ands, (activation with { GarblerIsBound = false }).ToCircuit().AndGates);
    }

    [Fact]
    public void Every_activation_is_what_integers_say_at_every_width()
    {
        Prop.ForAll(Activations().ToArbitrary(), activation =>
        {
            Circuit bound = activation.ToCircuit(), late = (activation with { GarblerIsBound = false }).ToCircuit();
            Random random = new(activation.GetHashCode());
            ulong modulus = ulong.MaxValue >> (64 - activation.Width);
            for (int trial = 0; trial < 8; trial++)
            {
                ulong[] ours = Words(random, activation.Window, modulus), theirs = Words(random, activation.Window, modulus);
                if (trial < 4)
                {
                    // Sums near the ends of the range, and near zero.
                    theirs[0] = unchecked(((ulong)(trial - 2) << (activation.Width - 2)) - ours[0] + (ulong)random.Next(5) - 2) & modulus;
                }
                ulong mask = Words(random, 1, modulus)[0], expected = Plain(activation, ours, theirs, mask);
                if (activation.Compute(ours, theirs, mask) != expected || bound.Compute([.. ours, mask], theirs, []) != expected
                    || late.Compute([], [.. theirs, mask], ours) != expected)
                {
                    return false;
                }
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void Low_bits_that_are_dropped_cost_one_at_most()
    {
        Activation exact = new() { Width = 32, Truncation = 8 }, cut = exact with { DropLowBits = true };
        Random random = new(3);
        int low = 0;
        for (int i = 0; i < 20_000; i++)
        {
            ulong a = (ulong)random.NextInt64(1L << 32), b = unchecked((ulong)random.Next(-(1 << 24), 1 << 24) - a) & uint.MaxValue;
            ulong difference = exact.Compute([a], [b], 0) - cut.Compute([a], [b], 0);
            Assert.InRange(difference, 0UL, 1UL);
            low += (int)difference;
        }
        // Half of the positive half.
        Assert.InRange(low, 4_700, 5_300);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Activation good = new() { Width = 32, Truncation = 8 };
        Activation[] bad =
        [
            good with { Width = 15 }, good with { Width = 65 }, good with { Truncation = -1 }, good with { Truncation = 31 }, good with { Window = 0 },
            good with { Window = 65 }, good with { Rectifier = Rectifier.Clamp }, good with { Rectifier = Rectifier.Clamp, Limit = 1 << 23 },
        ];
        Assert.All(bad, activation => Assert.Throws<ArgumentOutOfRangeException>(activation.ToCircuit));
        Assert.Throws<ArgumentOutOfRangeException>(() => good.Compute([], [1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => good.Compute([1], [1, 2], 0));
    }

    /// <summary>The definition, in integers without bounds.</summary>
    internal static ulong Plain(Activation activation, ulong[] ours, ulong[] theirs, ulong mask)
    {
        BigInteger? greatest = null;
        for (int i = 0; i < activation.Window; i++)
        {
            int cut = activation.DropLowBits ? activation.Truncation : 0;
            BigInteger modulus = BigInteger.One << (activation.Width - cut), sum = ((ours[i] >> cut) + new BigInteger(theirs[i] >> cut)) % modulus;
            BigInteger signed = sum >= modulus / 2 ? sum - modulus : sum;
            BigInteger truncated = signed >> (activation.Truncation - cut);
            greatest = greatest is { } so_far ? BigInteger.Max(so_far, truncated) : truncated;
        }
        BigInteger value = greatest!.Value;
        value = activation.Rectifier == Rectifier.None ? value : BigInteger.Max(value, 0);
        value = activation.Rectifier == Rectifier.Clamp ? BigInteger.Min(value, activation.Limit) : value;
        BigInteger all = BigInteger.One << activation.Width, result = (value - mask) % all;
        return (ulong)(result < 0 ? result + all : result);
    }

    static ulong[] Words(Random random, int count, ulong mask) => [.. Enumerable.Range(0, count).Select(_ => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue)) & mask)];

    static Gen<Activation> Activations() =>
        from width in Gen.Choose(16, 64)
        from truncation in Gen.Choose(0, 14)
        from drop in Gen.Elements(false, true)
        from window in Gen.Elements(1, 1, 4, 9)
        from rectifier in Gen.Elements(Rectifier.None, Rectifier.Relu, Rectifier.Clamp)
        from limit in Gen.Choose(1, int.MaxValue)
        select new Activation
        {
            Width = width, Truncation = truncation, DropLowBits = drop, Window = window, Rectifier = rectifier,
            Limit = rectifier != Rectifier.Clamp ? 0 : 1 + ((ulong)limit % ((1UL << (width - 1 - truncation)) - 1)),
        };
}
