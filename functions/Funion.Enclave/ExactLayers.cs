using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// Everything between two linear layers, on values in the clear, with the semantics of <see cref="IntegerLayer"/> bit for bit. No branch and no address depends on a value.
/// </summary>
static class ExactLayers
{
    /// <summary>A layer that is not linear, or linear without secrets.</summary>
    public static RingTensor Apply(IntegerLayer layer, RingTensor first, RingTensor? second) => layer switch
    {
        NonlinearLayer nonlinear => Activate(nonlinear, first),
        AddLayer add => Add(add, first, second!),
        SumPoolLayer pool => pool.Apply([first]),
        _ => throw new InvalidOperationException($"{layer.GetType().Name} is not for here."),
    };

    /// <summary>b, one element a filter, added to what was decrypted.</summary>
    public static void AddBias(LinearLayer layer, RingTensor sum) => layer.AddBias(sum);

    static RingTensor Activate(NonlinearLayer layer, RingTensor input)
    {
        Modulus modulus = input.Modulus;
        RingTensor output = new(modulus, layer.Output);
        int unused = 64 - modulus.Bits;
        // Every value is of fewer bits than this, so that no difference below wraps.
        long cap = layer.Cap ?? modulus.Greatest;
        ReadOnlySpan<ulong> from = input.Elements;
        Span<ulong> to = output.Elements;
        if (layer.Pool is null)
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = modulus.Element(Finish(layer, cap, Cut(layer, from[i], unused)));
            }
            return output;
        }
        for (int i = 0; i < to.Length; i++)
        {
            long greatest = -modulus.Greatest - 1;
            foreach (int source in layer.Sources(i))
            {
                long value = Cut(layer, from[source], unused);
                greatest = Greater(greatest, value);
            }
            to[i] = modulus.Element(Finish(layer, cap, greatest));
        }
        return output;
    }

    /// <summary>⌊(y + 2^(t−1)) / 2^t⌋ of the signed value, wrapped as the ring wraps.</summary>
    static long Cut(NonlinearLayer layer, ulong element, int unused) =>
        unchecked((long)((element + (ulong)layer.Offset) << unused) >> (unused + layer.Truncation));

    static long Finish(NonlinearLayer layer, long cap, long value)
    {
        // The kind of layer is public.
        value = layer.Rectifies ? value & ~(value >> 63) : value;
        return -Greater(-value, -cap);
    }

    /// <summary>The greater of two numbers of fewer than 63 bits.</summary>
    static long Greater(long x, long y) => unchecked(x - ((x - y) & ((x - y) >> 63)));

    static RingTensor Add(AddLayer layer, RingTensor first, RingTensor second)
    {
        RingTensor sum = new(first.Modulus, layer.Output);
        ulong mask = first.Modulus.Mask;
        for (int i = 0; i < sum.Elements.Length; i++)
        {
            sum.Elements[i] = unchecked((first.Elements[i] << layer.ShiftFirst) + (second.Elements[i] << layer.ShiftSecond)) & mask;
        }
        return sum;
    }
}
