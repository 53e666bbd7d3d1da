using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Funion.Private.Ring;

/// <summary>Loops over words of Z_2^64, as wide as the processor goes. Time depends on lengths only.</summary>
static class RingKernels
{
    /// <summary>a ← a + b, reduced.</summary>
    public static void Add(Span<ulong> a, ReadOnlySpan<ulong> b, ulong mask)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length);
        int i = 0;
        Vector<ulong> masks = new(mask);
        for (; i <= a.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            ((new Vector<ulong>(a[i..]) + new Vector<ulong>(b[i..])) & masks).CopyTo(a[i..]);
        }
        for (; i < a.Length; i++)
        {
            a[i] = unchecked(a[i] + b[i]) & mask;
        }
    }

    /// <summary>a ← a − b, reduced.</summary>
    public static void Subtract(Span<ulong> a, ReadOnlySpan<ulong> b, ulong mask)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length);
        int i = 0;
        Vector<ulong> masks = new(mask);
        for (; i <= a.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            ((new Vector<ulong>(a[i..]) - new Vector<ulong>(b[i..])) & masks).CopyTo(a[i..]);
        }
        for (; i < a.Length; i++)
        {
            a[i] = unchecked(a[i] - b[i]) & mask;
        }
    }

    /// <summary>Reduces in place.</summary>
    public static void Reduce(Span<ulong> a, ulong mask)
    {
        int i = 0;
        Vector<ulong> masks = new(mask);
        for (; i <= a.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(a[i..]) & masks).CopyTo(a[i..]);
        }
        for (; i < a.Length; i++)
        {
            a[i] &= mask;
        }
    }

    /// <summary>sum ← sum + factor · values, mod 2^64.</summary>
    public static void MultiplyAdd(Span<ulong> sum, ReadOnlySpan<ulong> values, ulong factor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length, values.Length);
        ref ulong to = ref MemoryMarshal.GetReference(sum);
        ref ulong from = ref MemoryMarshal.GetReference(values);
        Vector<ulong> factors = new(factor);
        int i = 0;
        for (; i <= sum.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            Vector<ulong> product = Vector.LoadUnsafe(ref from, (nuint)i) * factors;
            (Vector.LoadUnsafe(ref to, (nuint)i) + product).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < sum.Length; i++)
        {
            ref ulong element = ref Unsafe.Add(ref to, i);
            element = unchecked(element + (Unsafe.Add(ref from, i) * factor));
        }
    }

    /// <summary>Σ a_i b_i mod 2^64.</summary>
    public static ulong Dot(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length);
        Vector<ulong> sums = Vector<ulong>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            sums += new Vector<ulong>(a[i..]) * new Vector<ulong>(b[i..]);
        }
        ulong sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum = unchecked(sum + (a[i] * b[i]));
        }
        return sum;
    }
}
