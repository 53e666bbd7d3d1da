using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Funion.Private.Ring;

/// <summary>
/// The one hot loop of every linear layer, on plaintext and on ciphertexts:
/// <code>sums[m, i] += Σ_t weights[m, t] · source[offsets[t] + i]  mod 2^64, for i from `from` to `to`</code>
/// A convolution is this with one offset for every tap; a product with a sparse polynomial mod X^N + 1 is this over [−a | a] with offset N − exponent.
/// Four rows share each load, since loads across cache lines are what would limit it otherwise. No branch and no address depends on a value, so it
/// serves secret weights (keys, randomness) too: 64-bit multiplication takes the same time for all operands on every processor with these instructions.
/// </summary>
static class WindowSums
{
    const int Rows = 4;

    /// <summary>Adds to <paramref name="sums"/>, whose rows begin <paramref name="pitch"/> words apart.</summary>
    public static void Accumulate(
        ReadOnlySpan<ulong> source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, Span<ulong> sums, int pitch, int from, int to) =>
        Accumulate(VectorWidths.Best, source, offsets, weights, sums, pitch, from, to);

    /// <summary>The same with a given width.</summary>
    public static void Accumulate(
        VectorWidth width, ReadOnlySpan<ulong> source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, Span<ulong> sums, int pitch, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, pitch);
        int taps = offsets.Length;
        if (taps == 0 || to <= from)
        {
            return;
        }
        int rows = weights.Length / taps;
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, rows * taps);
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, rows * pitch);
        foreach (int offset in offsets)
        {
            // The loops below take references: this is what keeps them inside.
            ArgumentOutOfRangeException.ThrowIfNegative(offset + from);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + to, source.Length);
        }
        int row = 0;
        for (; row + Rows <= rows; row += Rows)
        {
            Four(width, source, offsets, weights.Slice(row * taps, Rows * taps), sums[(row * pitch)..], pitch, from, to);
        }
        for (; row < rows; row++)
        {
            One(width, source, offsets, weights.Slice(row * taps, taps), sums.Slice(row * pitch, pitch), from, to);
        }
    }

    static void Four(VectorWidth width, ReadOnlySpan<ulong> source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, Span<ulong> sums, int pitch, int from, int to)
    {
        int i = from;
        if (width == VectorWidth.Eight)
        {
            for (; i + 16 <= to; i += 16)
            {
                FourByTwo(ref Start(source, i), offsets, weights, ref Start(sums, i), pitch);
            }
        }
        for (int row = 0; row < Rows; row++)
        {
            One(width, source, offsets, weights.Slice(row * offsets.Length, offsets.Length), sums.Slice(row * pitch, pitch), i, to);
        }
    }

    /// <summary>Four rows of two vectors of eight words.</summary>
    static void FourByTwo(ref ulong source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, ref ulong sums, int pitch)
    {
        nuint second = (nuint)pitch, third = 2 * (nuint)pitch, fourth = 3 * (nuint)pitch;
        Vector512<ulong> a0 = Vector512.LoadUnsafe(ref sums), a1 = Vector512.LoadUnsafe(ref sums, 8);
        Vector512<ulong> b0 = Vector512.LoadUnsafe(ref sums, second), b1 = Vector512.LoadUnsafe(ref sums, second + 8);
        Vector512<ulong> c0 = Vector512.LoadUnsafe(ref sums, third), c1 = Vector512.LoadUnsafe(ref sums, third + 8);
        Vector512<ulong> d0 = Vector512.LoadUnsafe(ref sums, fourth), d1 = Vector512.LoadUnsafe(ref sums, fourth + 8);
        ref ulong weight = ref MemoryMarshal.GetReference(weights);
        int taps = offsets.Length;
        Debug.Assert(weights.Length == Rows * taps);
        for (int t = 0; t < taps; t++)
        {
            ref ulong at = ref Unsafe.Add(ref source, offsets[t]);
            Vector512<ulong> x0 = Vector512.LoadUnsafe(ref at), x1 = Vector512.LoadUnsafe(ref at, 8);
            Vector512<ulong> wa = Vector512.Create(Unsafe.Add(ref weight, t)), wb = Vector512.Create(Unsafe.Add(ref weight, t + taps));
            Vector512<ulong> wc = Vector512.Create(Unsafe.Add(ref weight, t + (2 * taps))), wd = Vector512.Create(Unsafe.Add(ref weight, t + (3 * taps)));
            a0 += x0 * wa;
            a1 += x1 * wa;
            b0 += x0 * wb;
            b1 += x1 * wb;
            c0 += x0 * wc;
            c1 += x1 * wc;
            d0 += x0 * wd;
            d1 += x1 * wd;
        }
        a0.StoreUnsafe(ref sums);
        a1.StoreUnsafe(ref sums, 8);
        b0.StoreUnsafe(ref sums, second);
        b1.StoreUnsafe(ref sums, second + 8);
        c0.StoreUnsafe(ref sums, third);
        c1.StoreUnsafe(ref sums, third + 8);
        d0.StoreUnsafe(ref sums, fourth);
        d1.StoreUnsafe(ref sums, fourth + 8);
    }

    static void One(VectorWidth width, ReadOnlySpan<ulong> source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, Span<ulong> sums, int from, int to)
    {
        int i = from;
        if (width == VectorWidth.Eight)
        {
            for (; i + 8 <= to; i += 8)
            {
                EightWords(ref Start(source, i), offsets, weights, ref Start(sums, i));
            }
        }
        if (width != VectorWidth.Scalar)
        {
            for (; i + 4 <= to; i += 4)
            {
                FourWords(ref Start(source, i), offsets, weights, ref Start(sums, i));
            }
        }
        for (; i < to; i++)
        {
            ulong sum = sums[i];
            for (int t = 0; t < offsets.Length; t++)
            {
                sum = unchecked(sum + (weights[t] * source[offsets[t] + i]));
            }
            sums[i] = sum;
        }
    }

    static void EightWords(ref ulong source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, ref ulong sums)
    {
        Vector512<ulong> sum = Vector512.LoadUnsafe(ref sums);
        for (int t = 0; t < offsets.Length; t++)
        {
            sum += Vector512.LoadUnsafe(ref Unsafe.Add(ref source, offsets[t])) * Vector512.Create(weights[t]);
        }
        sum.StoreUnsafe(ref sums);
    }

    static void FourWords(ref ulong source, ReadOnlySpan<int> offsets, ReadOnlySpan<ulong> weights, ref ulong sums)
    {
        Vector256<ulong> sum = Vector256.LoadUnsafe(ref sums);
        for (int t = 0; t < offsets.Length; t++)
        {
            sum += Vector256.LoadUnsafe(ref Unsafe.Add(ref source, offsets[t])) * Vector256.Create(weights[t]);
        }
        sum.StoreUnsafe(ref sums);
    }

    /// <summary>A reference to where index <paramref name="i"/> would be, offsets being added to it later: it may lie before the first element.</summary>
    static ref ulong Start(ReadOnlySpan<ulong> span, int i) => ref Unsafe.Add(ref MemoryMarshal.GetReference(span), i);
}
