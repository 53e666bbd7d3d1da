using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>Tensors over Z_2^l, their shares and their bytes.</summary>
public sealed class RingTests
{
    static readonly Gen<Modulus> s_moduli = Gen.Choose(2, 64).Select(bits => new Modulus(bits));

    static readonly Gen<ulong> s_words = ArbMap.Default.GeneratorFor<ulong>();

    [Fact]
    public void Elements_and_signed_values_are_one_to_one()
    {
        Modulus eight = new(8);
        Assert.Equal([0x80UL, 0xffUL, 0UL, 0x7fUL], ((long[])[-128, -1, 0, 127]).Select(eight.Element));
        Assert.Equal([-128L, -1L, 0L, 127L], ((ulong[])[0x80, 0xff, 0, 0x7f]).Select(eight.Signed));
        Assert.Equal((127L, 255UL, ulong.MaxValue), (eight.Greatest, eight.Mask, new Modulus(64).Mask));
        Prop.ForAll(s_moduli.ToArbitrary(), s_words.ToArbitrary(), (modulus, word) =>
            modulus.Element(modulus.Signed(word & modulus.Mask)) == (word & modulus.Mask)).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void Truncation_is_the_floor_of_a_signed_division()
    {
        Modulus eight = new(8);
        Assert.Equal([-1L, -1L, 0L, 1L, -8L], ((long[])[-1, -16, 15, 16, -128]).Select(x => eight.Signed(eight.Truncate(eight.Element(x), 4))));
        Prop.ForAll(s_moduli.ToArbitrary(), s_words.ToArbitrary(), (modulus, word) =>
        {
            int bits = (int)(word % (ulong)modulus.Bits);
            ulong element = word & modulus.Mask;
            return modulus.Signed(modulus.Truncate(element, bits)) == (long)Math.Floor((decimal)modulus.Signed(element) / (decimal)Math.Pow(2, bits));
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void Packed_numbers_come_back_and_have_one_encoding()
    {
        Gen<(int Bits, ulong[] Numbers)> lists = from bits in Gen.Choose(1, 64)
                                                from numbers in Gen.ArrayOf(s_words)
                                                select (bits, numbers.Select(number => number & (ulong.MaxValue >> (64 - bits))).ToArray());
        Prop.ForAll(lists.ToArbitrary(), list =>
        {
            byte[] bytes = new byte[BitPacking.ByteSize(list.Numbers.Length, list.Bits)];
            BitPacking.Write(list.Numbers, list.Bits, bytes);
            ulong[] read = new ulong[list.Numbers.Length];
            Assert.True(BitPacking.TryRead(bytes, list.Bits, read));
            Assert.Equal(list.Numbers, read);
            Assert.False(BitPacking.TryRead([.. bytes, 0], list.Bits, read));
            int padding = (8 * bytes.Length) - (list.Bits * read.Length);
            for (int bit = 8 - padding; bit < 8; bit++)
            {
                byte[] other = [.. bytes];
                other[^1] |= (byte)(1 << bit);
                Assert.False(BitPacking.TryRead(other, list.Bits, read));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        // By hand: 5, 1, 6 in three bits each.
        byte[] three = new byte[2];
        BitPacking.Write([5, 1, 6], 3, three);
        Assert.Equal([0b1000_1101, 0b1], three);
    }

    [Fact]
    public void Two_shares_sum_to_the_value_and_each_is_uniform()
    {
        foreach (int bits in (int[])[2, 24, 32, 63, 64])
        {
            Modulus modulus = new(bits);
            using RingTensor secret = RingTensor.Of(modulus, new TensorShape(3, 20, 20), [.. Enumerable.Range(-600, 1_200).Select(i => (long)i)]);
            (RingTensor first, RingTensor second) = secret.Split();
            Assert.Equal(secret.Elements, first.Plus(second).Elements);
            Assert.Equal(first.Elements, secret.Minus(second).Elements);
            foreach (RingTensor share in (RingTensor[])[first, second])
            {
                Assert.All(share.Elements.ToArray(), element => Assert.Equal(element & modulus.Mask, element));
                // The highest bit of 1,200 fair coins: seven deviations.
                Assert.InRange(share.Elements.ToArray().Count(element => (element >> (bits - 1)) == 1), 480, 720);
            }
        }
    }

    [Fact]
    public void Local_operations_on_shares_are_operations_on_values()
    {
        Modulus modulus = new(24);
        TensorShape shape = new(2, 3, 5);
        using RingTensor x = RingTensor.Uniform(modulus, shape), y = RingTensor.Uniform(modulus, shape);
        (RingTensor x1, RingTensor x2) = x.Split();
        (RingTensor y1, RingTensor y2) = y.Split();
        Assert.Equal(x.ShiftedLeft(3).Plus(y).Elements, x1.ShiftedLeft(3).Plus(y1).Plus(x2.ShiftedLeft(3).Plus(y2)).Elements);
        int[] weights = [.. Enumerable.Range(-15, 60)];
        RingConvolution layer = new(ConvolutionShape.FullyConnected(30, 2), weights);
        Assert.Equal(layer.Apply(x).Elements, layer.Apply(x1).Plus(layer.Apply(x2)).Elements);
    }

    [Fact]
    public void Tensors_are_read_as_they_were_written_and_nothing_else_is()
    {
        Modulus modulus = new(27);
        TensorShape shape = new(1, 3, 7);
        using RingTensor tensor = RingTensor.Uniform(modulus, shape);
        byte[] bytes = tensor.ToBytes();
        Assert.Equal(modulus.ByteSize(21), bytes.Length);
        Assert.Equal(tensor.Elements, RingTensor.TryRead(modulus, shape, bytes)!.Elements);
        Assert.Null(RingTensor.TryRead(modulus, shape, bytes.AsSpan(1)));
        Assert.Null(RingTensor.TryRead(modulus, shape, [.. bytes, 0]));
        bytes[^1] |= 0x80;
        Assert.Null(RingTensor.TryRead(modulus, shape, bytes));
    }

    [Fact]
    public void Kernels_of_every_width_agree_with_the_sum_they_stand_for()
    {
        Random random = new(4);
        for (int trial = 0; trial < 60; trial++)
        {
            int taps = random.Next(1, 12), rows = random.Next(1, 10), pitch = random.Next(1, 90), from = random.Next(pitch), to = random.Next(from, pitch + 1);
            ulong[] source = Words(random, pitch + 40), weights = Words(random, rows * taps), start = Words(random, rows * pitch);
            int[] offsets = [.. Enumerable.Range(0, taps).Select(_ => random.Next(-from, 41))];
            ulong[] expected = [.. start];
            for (int i = 0; i < rows * taps; i++)
            {
                for (int at = from; at < to; at++)
                {
                    ref ulong sum = ref expected[(i / taps * pitch) + at];
                    sum = unchecked(sum + (weights[i] * source[offsets[i % taps] + at]));
                }
            }
            foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
            {
                ulong[] sums = [.. start];
                WindowSums.Accumulate(width, source, offsets, weights, sums, pitch, from, to);
                Assert.Equal(expected, sums);
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => WindowSums.Accumulate(new ulong[10], [3], [1], new ulong[8], 8, 0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => WindowSums.Accumulate(new ulong[10], [-1], [1], new ulong[8], 8, 0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => WindowSums.Accumulate(new ulong[10], [0, 1], [1, 2, 3], new ulong[8], 8, 0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => WindowSums.Accumulate(new ulong[10], [0], [1, 2], new ulong[8], 8, 0, 8));
    }

    [Fact]
    public void A_convolution_is_what_its_definition_says()
    {
        Random random = new(5);
        Prop.ForAll(Layers.Small.ToArbitrary(), shape =>
        {
            int[] weights = Layers.Weights(shape, random, 1 << 20);
            using RingTensor input = RingTensor.Uniform(new Modulus(random.Next(2, 65)), shape.Input);
            Assert.Equal(Layers.Naive(shape, weights, input).Elements, new RingConvolution(shape, weights).Apply(input).Elements);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void What_a_programmer_gets_wrong_is_an_exception()
    {
        Modulus modulus = new(24);
        TensorShape shape = new(2, 2, 2);
        using RingTensor tensor = new(modulus, shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Modulus(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Modulus(65));
        Assert.Throws<ArgumentOutOfRangeException>(() => modulus.Truncate(0, 24));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingTensor(default, shape));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingTensor(modulus, new TensorShape(0, 1, 1)));
        Assert.Throws<OverflowException>(() => new RingTensor(modulus, new TensorShape(1 << 12, 1 << 12, 1 << 12)));
        Assert.Throws<ArgumentException>(() => tensor.Plus(new RingTensor(new Modulus(25), shape)));
        // Legal, but for 2^33 sums between its outputs.
        ConvolutionShape sparse = new(new TensorShape(1, 1, 4_095), 512, new Window(1, 4_095, Top: 4_095));
        Assert.Throws<ArgumentException>(() => new RingConvolution(sparse, new int[sparse.WeightCount]));
        Assert.Throws<ArgumentException>(() => tensor.Minus(new RingTensor(modulus, shape.Flat)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Reshaped(new TensorShape(7, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ShiftedLeft(24));
        Assert.Throws<ArgumentOutOfRangeException>(() => RingTensor.Of(modulus, shape, new long[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.Write([1], 65, new byte[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.Write([1], 8, new byte[2]));
        Assert.Throws<ArgumentException>(() => new ConvolutionShape(shape, 1, Window.Square(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionShape(shape, 0, Window.Point));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingConvolution(ConvolutionShape.FullyConnected(8, 2), new int[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingConvolution(ConvolutionShape.FullyConnected(7, 2), new int[14]).Apply(tensor));
    }

    [Fact]
    public void A_share_is_wiped_when_it_is_let_go()
    {
        RingTensor share = RingTensor.Uniform(new Modulus(32), new TensorShape(64, 1, 1));
        share.Dispose();
        Assert.All(share.Elements.ToArray(), element => Assert.Equal(0UL, element));
    }

    static ulong[] Words(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => unchecked((ulong)random.NextInt64() << 1) ^ (ulong)random.NextInt64())];
}
