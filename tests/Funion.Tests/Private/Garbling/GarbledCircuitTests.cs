using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Garbling;

namespace Funion.Tests.Private.Garbling;

/// <summary>The builder and its arithmetic, in plain bits.</summary>
public sealed class GarbledCircuitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(32)]
    [InlineData(64)]
    public void Words_add_subtract_compare_and_choose_as_integers_do(int bits)
    {
        Circuit add = Of(bits, (builder, x, y) => builder.Add(x, y)), subtract = Of(bits, (builder, x, y) => builder.Subtract(x, y));
        Circuit less = Of(bits, (builder, x, y) => [builder.LessSigned(x, y)]), maximum = Of(bits, (builder, x, y) => builder.MaximumSigned(x, y));
        Assert.Equal(bits - 1, add.AndGates);
        Assert.Equal(bits - 1, subtract.AndGates);
        Assert.Equal(bits, less.AndGates);
        Assert.Equal(2 * bits, maximum.AndGates);
        ulong mask = ulong.MaxValue >> (64 - bits);
        Prop.ForAll(Words().ToArbitrary(), words =>
        {
            unchecked
            {
                ulong x = words.Item1 & mask, y = words.Item2 & mask;
                long signedX = (long)(x << (64 - bits)) >> (64 - bits), signedY = (long)(y << (64 - bits)) >> (64 - bits);
                return Run(add, x, y) == ((x + y) & mask) && Run(subtract, x, y) == ((x - y) & mask) && Run(less, x, y) == (signedX < signedY ? 1UL : 0)
                    && Run(maximum, x, y) == ((ulong)Math.Max(signedX, signedY) & mask);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_word_is_compared_to_every_constant_of_its_width()
    {
        for (ulong constant = 0; constant < 31; constant++)
        {
            Circuit circuit = Of(5, (builder, x, y) => [builder.Xor(builder.Greater(x, constant), y[0])]);
            for (ulong x = 0; x < 32; x++)
            {
                Assert.Equal(x > constant ? 1UL : 0, Run(circuit, x, 0));
            }
        }
    }

    [Fact]
    public void Constants_inversions_and_equal_inputs_cost_nothing()
    {
        CircuitBuilder builder = new();
        Wire x = builder.Bound(1)[0], y = builder.Open(1)[0];
        Assert.Equal(x, builder.And(x, Wire.True));
        Assert.Equal(Wire.False, builder.And(x, Wire.False));
        Assert.Equal(x, builder.And(x, x));
        Assert.Equal(Wire.False, builder.And(x, !x));
        Assert.Equal(Wire.False, builder.Xor(x, x));
        Assert.Equal(Wire.True, builder.Xor(x, !x));
        Assert.Equal(!y, builder.Xor(Wire.True, y));
        Assert.Equal(x, builder.Or(x, x));
        Assert.Equal(Wire.True, builder.Or(x, Wire.True));
        // Two wires with one label are one wire, however they came about: half-gates would tell Δ of an and of both.
        Wire sum = builder.Xor(x, y);
        Assert.Equal(sum, builder.Xor(y, x));
        Assert.Equal(!sum, builder.Xor(!y, x));
        Assert.Equal(x, builder.Xor(sum, y));
        Assert.Equal(sum, builder.And(sum, builder.Xor(y, x)));
        Assert.Equal(Wire.False, builder.And(sum, builder.Xor(y, !x)));
        Wire both = builder.And(x, y);
        Assert.Equal(Wire.False, builder.Xor(builder.Xor(both, sum), builder.Xor(y, builder.Xor(both, x))));
        _ = builder.And(both, !y);
        Circuit circuit = builder.Build([!both]);
        Assert.Equal(1, circuit.AndGates);
        Assert.Equal(1, circuit.Gates.Length);
        Assert.Equal(1UL, circuit.Compute([0], [1], []));
    }

    [Fact]
    public void Every_gate_with_every_inversion_has_its_truth_table()
    {
        foreach (bool left in (bool[])[false, true])
        {
            foreach (bool right in (bool[])[false, true])
            {
                Circuit circuit = Of(1, (builder, x, y) =>
                    [builder.And(x[0].InvertedIf(left), y[0].InvertedIf(right)), builder.Or(x[0].InvertedIf(left), y[0].InvertedIf(right)),
                        builder.Xor(x[0].InvertedIf(left), y[0].InvertedIf(right))]);
                for (ulong inputs = 0; inputs < 4; inputs++)
                {
                    bool a = ((inputs & 1) != 0) ^ left, b = ((inputs & 2) != 0) ^ right;
                    Assert.Equal((a & b ? 1UL : 0) | (a | b ? 2UL : 0) | (a ^ b ? 4UL : 0), Run(circuit, inputs & 1, inputs >> 1));
                }
            }
        }
    }

    [Fact]
    public void A_circuit_is_built_in_order_of_its_inputs_and_within_bounds()
    {
        CircuitBuilder builder = new();
        Wire[] word = builder.Bound(4, 60);
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Bound(5, 60));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Bound(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Open(1, -1));
        _ = builder.Open(1);
        Assert.Throws<InvalidOperationException>(() => builder.Bound(1));
        _ = builder.Late(1);
        Assert.Throws<InvalidOperationException>(() => builder.Open(1));
        Wire gate = builder.And(word[0], word[1]);
        Assert.Throws<InvalidOperationException>(() => builder.Late(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Build([]));
        Assert.Throws<ArgumentException>(() => builder.Build([Wire.True]));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Build([.. Enumerable.Repeat(gate, 65)]));
        Circuit circuit = builder.Build([gate]);
        Assert.Throws<ArgumentOutOfRangeException>(() => circuit.Compute([], [0], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => circuit.Compute([0], [], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => circuit.Compute([0], [0], []));
        Assert.NotEqual(circuit.Digest, builder.Build([!gate]).Digest);
    }

    static Circuit Of(int bits, Func<CircuitBuilder, Wire[], Wire[], Wire[]> make)
    {
        CircuitBuilder builder = new();
        Wire[] x = builder.Bound(bits), y = builder.Open(bits);
        return builder.Build(make(builder, x, y));
    }

    static ulong Run(Circuit circuit, ulong x, ulong y) => circuit.Compute([x], [y], []);

    static Gen<(ulong, ulong)> Words() => Gen.Two(Gen.OneOf(
        Gen.Choose(int.MinValue, int.MaxValue).Select(value => unchecked((ulong)((long)value * 0x1_0003_0001))),
        Gen.Elements(0UL, 1UL, ulong.MaxValue, 1UL << 63, (1UL << 63) - 1, 1UL << 31, (1UL << 31) - 1))).Select(pair => (pair.Item1, pair.Item2));
}
