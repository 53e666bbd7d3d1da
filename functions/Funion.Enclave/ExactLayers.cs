using System.Runtime.InteropServices;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// Everything between two linear layers, on values in the clear, with the semantics of <see cref="IntegerLayer"/> bit for bit. No branch and no address depends on a value: whatever is
/// done with one is done by <see cref="ExactKernels{T}"/>.
/// </summary>
static class ExactLayers
{
    /// <summary>A layer that is not linear, or linear without secrets.</summary>
    public static RingTensor Apply(IntegerLayer layer, RingTensor first, RingTensor? second)
    {
        RingTensor output = new(first.Modulus, layer.Output);
        Span<long> from = Words(first), to = Words(output);
        long mask = unchecked((long)first.Modulus.Mask);
        switch (layer)
        {
            case NonlinearLayer nonlinear:
                ExactKernels<long>.Activate(nonlinear, first.Modulus.Bits, Constants(nonlinear, first.Modulus), from, to);
                break;
            case AddLayer add:
                ExactKernels<long>.Add(add, mask, from, Words(second!), to);
                break;
            case SumPoolLayer pool:
                ExactKernels<long>.SumPool(pool, mask, from, to);
                break;
            default:
                throw new InvalidOperationException($"{layer.GetType().Name} is not for here.");
        }
        return output;
    }

    /// <summary>b, one element a filter, added to what was decrypted.</summary>
    public static void AddBias(LinearLayer layer, RingTensor sum) =>
        ExactKernels<long>.AddBias(layer.Bias, layer.Output.Height * layer.Output.Width, unchecked((long)sum.Modulus.Mask), Words(sum));

    /// <summary>The signed representatives of elements, in place.</summary>
    public static void Sign(Modulus modulus, Span<ulong> words) => ExactKernels<long>.Sign(modulus.Bits, MemoryMarshal.Cast<ulong, long>(words));

    /// <summary>W·x of the decoded 2·W·x.</summary>
    public static void Halve(RingTensor doubled, RingTensor product) => ExactKernels<long>.Halve(Words(doubled), Words(product));

    /// <summary>What is public of a layer.</summary>
    public static ExactConstants<long> Constants(NonlinearLayer layer, Modulus modulus) =>
        new(layer.Offset, layer.Cap ?? modulus.Greatest, -modulus.Greatest - 1, unchecked((long)modulus.Mask));

    static Span<long> Words(RingTensor tensor) => MemoryMarshal.Cast<ulong, long>(tensor.Elements);
}
