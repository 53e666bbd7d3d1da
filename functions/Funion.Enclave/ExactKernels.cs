using System.Numerics;
using Funion.Private.Networks;

namespace Funion.Enclave;

/// <summary>
/// The arithmetic between two linear layers, on words that it can neither compare nor convert. What it may do with a word is what the constraints say: sums, differences, bits, and
/// shifts by public amounts, each of which gives a word again and never a bool or an index. So no branch and no address depends on a value. The enclave runs it on
/// <see cref="long"/>; a test runs it on words that throw when they are looked at in any other way, and that note what is done with them.
/// </summary>
static class ExactKernels<T>
    where T : struct, IAdditionOperators<T, T, T>, ISubtractionOperators<T, T, T>, IUnaryNegationOperators<T, T>, IBitwiseOperators<T, T, T>, IShiftOperators<T, int, T>
{
    /// <summary>Truncation, maximum, rectifier and cap of a layer.</summary>
    /// <param name="layer">The layer: public.</param>
    /// <param name="bits">l.</param>
    /// <param name="constants">Of the layer, as words; every value is of fewer bits than the cap, so that no difference wraps.</param>
    /// <param name="from">Elements.</param>
    /// <param name="to">Elements of the output.</param>
    public static void Activate(NonlinearLayer layer, int bits, ExactConstants<T> constants, ReadOnlySpan<T> from, Span<T> to)
    {
        int unused = 64 - bits;
        for (int i = 0; i < to.Length; i++)
        {
            T value;
            if (layer.Pool is null)
            {
                value = Cut(from[i], constants.Offset, unused, layer.Truncation);
            }
            else
            {
                value = constants.Least;
                foreach (int source in layer.Sources(i))
                {
                    value = Greater(value, Cut(from[source], constants.Offset, unused, layer.Truncation));
                }
            }
            value = layer.Rectifies ? value & ~(value >> 63) : value;
            to[i] = unchecked(-Greater(-value, -constants.Cap)) & constants.Mask;
        }
    }

    /// <summary>Sums of windows.</summary>
    public static void SumPool(SumPoolLayer layer, T mask, ReadOnlySpan<T> from, Span<T> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            T sum = default;
            foreach (int source in new WindowSources(layer.From, layer.Window, layer.Output, i))
            {
                sum = unchecked(sum + from[source]);
            }
            to[i] = sum & mask;
        }
    }

    /// <summary>x·2^a + y·2^b.</summary>
    public static void Add(AddLayer layer, T mask, ReadOnlySpan<T> first, ReadOnlySpan<T> second, Span<T> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = unchecked((first[i] << layer.ShiftFirst) + (second[i] << layer.ShiftSecond)) & mask;
        }
    }

    /// <summary>b, one a plane of so many elements, added in place.</summary>
    public static void AddBias(ReadOnlySpan<T> bias, int plane, T mask, Span<T> sum)
    {
        for (int filter = 0; filter < bias.Length; filter++)
        {
            foreach (ref T element in sum.Slice(filter * plane, plane))
            {
                element = unchecked(element + bias[filter]) & mask;
            }
        }
    }

    /// <summary>Elements to their signed representatives, in place.</summary>
    public static void Sign(int bits, Span<T> words)
    {
        foreach (ref T word in words)
        {
            word = word << (64 - bits) >> (64 - bits);
        }
    }

    /// <summary>Halves of elements of a ring of one bit more, which are even.</summary>
    public static void Halve(ReadOnlySpan<T> from, Span<T> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[i] >>> 1;
        }
    }

    /// <summary>⌊(y + 2^(t−1)) / 2^t⌋ of the signed value, wrapped as the ring wraps.</summary>
    static T Cut(T element, T offset, int unused, int truncation) => unchecked(element + offset) << unused >> (unused + truncation);

    /// <summary>The greater of two numbers of fewer than 63 bits.</summary>
    static T Greater(T x, T y) => unchecked(x - ((x - y) & ((x - y) >> 63)));
}
