using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Funion.Enclave;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Hidden;

/// <summary>
/// That no branch and no index of the enclave's exact layers depends on a value, shown by what they are made of and not by a clock: they run on words that cannot be compared, and
/// what they do with those is the same for all values.
/// </summary>
public sealed class ConstantTimeTests
{
    delegate void Kernel(ReadOnlySpan<SecretWord> from, Span<SecretWord> to);

    static readonly TensorShape s_shape = new(2, 3, 4);

    [Fact]
    public void What_exact_layers_do_with_values_is_the_same_for_all_values_and_the_result_is_the_references()
    {
        foreach (int bits in (int[])[8, 24, 32])
        {
            Modulus modulus = new(bits);
            SecretWord mask = new(unchecked((long)modulus.Mask));
            foreach (NonlinearLayer layer in Activations(bits))
            {
                ExactConstants<long> plain = ExactLayers.Constants(layer, modulus);
                ExactConstants<SecretWord> constants = new(new(plain.Offset), new(plain.Cap), new(plain.Least), new(plain.Mask));
                Check(modulus, layer, (from, to) => ExactKernels<SecretWord>.Activate(layer, bits, constants, from, to));
            }
            SumPoolLayer pool = new("s", 0, s_shape, new Window(2, 2, 2, 2, 1, 1, 1, 1));
            Check(modulus, pool, (from, to) => ExactKernels<SecretWord>.SumPool(pool, mask, from, to));
            AddLayer add = new("a", 0, 0, s_shape, 2, 1);
            Check(modulus, add, (from, to) => ExactKernels<SecretWord>.Add(add, mask, from, from, to));
        }
    }

    [Fact]
    public void Biases_signs_and_halves_too_take_the_same_steps_whatever_the_values_are()
    {
        Modulus modulus = new(24);
        SecretWord mask = new((long)modulus.Mask);
        SecretWord[] bias = SecretWord.Of([100, -7]);
        SameSteps(modulus, s_shape.Count, (from, to) =>
        {
            from.CopyTo(to);
            ExactKernels<SecretWord>.AddBias(bias, s_shape.Count / 2, mask, to);
            ExactKernels<SecretWord>.Sign(modulus.Bits, to);
            ExactKernels<SecretWord>.Halve(to, to);
        });
        SecretWord[] signed = SecretWord.Of([5, (long)modulus.Mask, 1 << 23]);
        ExactKernels<SecretWord>.Sign(24, signed);
        Assert.Equal([5, -1, -(1 << 23)], signed.Select(word => word.Reveal()));
        RingTensor sum = RingTensor.Of(modulus, s_shape, [.. Enumerable.Range(-12, 24).Select(value => (long)value)]), expected = RingTensor.Of(modulus, s_shape, sum.ToSigned());
        LinearLayer layer = new("l", 0, new ConvolutionShape(s_shape, 2, Window.Square(1)), 1, null, [100, -7]);
        ExactLayers.AddBias(layer, sum);
        layer.AddBias(expected);
        Assert.Equal(expected.Elements, sum.Elements);
    }

    [Fact]
    public void A_kernel_that_looks_at_a_value_is_found()
    {
        Modulus modulus = new(24);
        Assert.ThrowsAny<Exception>(() => SameSteps(modulus, 24, Branching));
        Assert.Throws<SecretWord.LeakException>(() => SameSteps(modulus, 24, (from, to) => to[0] = from[0].Equals(from[1]) ? from[0] : to[0]));
        Assert.ThrowsAny<Exception>(() => SameSteps(modulus, 24, (from, to) => to[0] = from[(int)(Open(from[0]) & 7)] << (int)(Open(from[1]) & 7)));
        SameSteps(modulus, 24, (from, to) => to[0] = from[0] & ~(from[0] >> 63));

        static void Branching(ReadOnlySpan<SecretWord> from, Span<SecretWord> to)
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = Open(from[i] << 40) < 0 ? default : from[i] + to[i];
            }
        }
    }

    [Fact]
    public void All_that_the_constraints_allow_gives_words()
    {
        Type word = typeof(ExactKernels<>).GetGenericArguments()[0];
        Type[] allowed = word.GetGenericParameterConstraints();
        Assert.Contains(allowed, one => one.Name.StartsWith("IShiftOperators", StringComparison.Ordinal));
        foreach (Type constraint in allowed.Where(one => one != typeof(ValueType)))
        {
            Assert.Empty(constraint.GetInterfaces());
            Assert.All(constraint.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic), method => Assert.Equal(word, method.ReturnType));
        }
    }

    static long Open(SecretWord word) => Unsafe.BitCast<SecretWord, long>(word);

    static IEnumerable<NonlinearLayer> Activations(int bits) =>
        from pool in (Window?[])[null, new Window(2, 2, 2, 2, 1, 1, 1, 1), new Window(3, 1)]
        from truncation in (int[])[0, 3, bits - 2]
        from cap in (long?[])[null, 6]
        from rectifies in (bool[])[true, false]
        select new NonlinearLayer("n", 0, s_shape, pool, rectifies, truncation, cap);

    static void Check(Modulus modulus, IntegerLayer layer, Kernel kernel)
    {
        foreach (long[] values in SameSteps(modulus, layer.Output.Count, kernel))
        {
            using RingTensor input = RingTensor.Of(modulus, s_shape, values);
            SecretWord[] to = SecretWord.Of(new long[layer.Output.Count]);
            kernel(SecretWord.Of(input.Elements.ToArray().Select(element => (long)element)), to);
            RingTensor[] inputs = [.. layer.Inputs.Select(_ => input)];
            Assert.Equal(layer.Apply(inputs).Elements.ToArray(), to.Select(word => (ulong)word.Reveal()));
            Assert.Equal(layer.Apply(inputs).Elements, ExactLayers.Apply(layer, input, input).Elements);
        }
    }

    /// <summary>Runs a kernel on zeros, on edges and on noise, and holds what it does to what it does on zeros.</summary>
    static IReadOnlyList<long[]> SameSteps(Modulus modulus, int outputs, Kernel kernel)
    {
        Random random = new(7);
        int count = s_shape.Count;
        long[] edges = [0, 1, -1, modulus.Greatest, -modulus.Greatest - 1, 5, -5, 7, -8];
        long[][] inputs =
        [
            new long[count], [.. Enumerable.Range(0, count).Select(i => edges[i % edges.Length])],
            .. Enumerable.Range(0, 4).Select(_ => (long[])[.. Enumerable.Range(0, count).Select(_ => random.NextInt64(-modulus.Greatest - 1, modulus.Greatest))]),
        ];
        List<(char, int)>? first = null;
        foreach (long[] values in inputs)
        {
            SecretWord[] from = SecretWord.Of(values.Select(value => (long)modulus.Element(value))), to = SecretWord.Of(new long[outputs]);
            List<(char, int)> trace = SecretWord.Trace(() => kernel(from, to));
            Assert.NotEmpty(trace);
            Assert.Equal(first ??= trace, trace);
        }
        return inputs;
    }
}
