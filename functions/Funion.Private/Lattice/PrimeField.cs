using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Funion.Private.Lattice;

/// <summary>
/// Z_p for a prime p of 48 bits, on doubles: eight at a time with multiplications that every AVX-512 and AVX2 processor has, in a time that does not depend on what is multiplied.
/// <para>
/// x·y = h + l exactly, h being the rounded product and l what a fused multiplication leaves of it. With c = round(h/p) both h − c·p (an integer below 2^53) and
/// its sum with l are exact: the result is congruent to x·y, and for |x·y| ≤ 2^50·p at most p·(1/2 + 3·2^−53·|x·y|/p) + |l| &lt; 0.9·p. So nothing here is ever
/// rounded: elements are integers in doubles, reduced when sums could reach 2^53. A reduced element is of magnitude (p + 1)/2 at most.
/// </para>
/// <list type="bullet">
/// <item>References: van der Hoeven, Lecerf and Quintin, "Modular SIMD arithmetic in Mathemagix" (2016), section 3.</item>
/// </list>
/// </summary>
sealed class PrimeField
{
    /// <summary>Bytes of an element on the wire.</summary>
    public const int ElementSize = 6;

    /// <summary>Products that may be summed up before they are reduced: each is below 0.9·2^48.</summary>
    public const int Summands = 32;

    /// <summary>A prime of 48 bits.</summary>
    public PrimeField(long prime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prime, 1L << 47);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prime, 1L << 48);
        Prime = prime;
        P = Vector512.Create((double)prime);
        Reciprocal = Vector512.Create(1.0 / prime);
    }

    /// <summary>The two primes of all rings here: the greatest below 2^48 that are 1 mod 8192, so that degrees up to 4096 have their roots of unity.</summary>
    public static PrimeField First { get; } = new(281_474_976_694_273);

    /// <inheritdoc cref="First"/>
    public static PrimeField Second { get; } = new(281_474_976_636_929);

    /// <summary>p.</summary>
    public long Prime { get; }

    /// <summary>p in every lane.</summary>
    public Vector512<double> P { get; }

    /// <summary>1/p in every lane.</summary>
    public Vector512<double> Reciprocal { get; }

    /// <summary>x·y, below 0.9·p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Multiply(Vector512<double> x, Vector512<double> y, Vector512<double> p, Vector512<double> reciprocal)
    {
        Vector512<double> high = x * y, low = Vector512.FusedMultiplyAdd(x, y, -high);
        return Vector512.FusedMultiplyAdd(Vector512.Round(high * reciprocal), -p, high) + low;
    }

    /// <summary>x reduced, for |x| up to 2^52.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Reduce(Vector512<double> x, Vector512<double> p, Vector512<double> reciprocal) =>
        Vector512.FusedMultiplyAdd(Vector512.Round(x * reciprocal), -p, x);

    /// <summary>product[i] = x[i]·y[i], below 0.9·p. Lengths are multiples of eight, here and below.</summary>
    public void Multiply(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> product)
    {
        Check(x, product);
        Check(y, product);
        ref double left = ref MemoryMarshal.GetReference(x), right = ref MemoryMarshal.GetReference(y), to = ref MemoryMarshal.GetReference(product);
        for (nuint i = 0; i < (nuint)product.Length; i += 8)
        {
            Multiply(Vector512.LoadUnsafe(ref left, i), Vector512.LoadUnsafe(ref right, i), P, Reciprocal).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>sum[i] += x[i]·y[i], reduced.</summary>
    public void MultiplyAdd(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> sum)
    {
        Check(x, sum);
        Check(y, sum);
        ref double left = ref MemoryMarshal.GetReference(x), right = ref MemoryMarshal.GetReference(y), to = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < (nuint)sum.Length; i += 8)
        {
            Vector512<double> product = Multiply(Vector512.LoadUnsafe(ref left, i), Vector512.LoadUnsafe(ref right, i), P, Reciprocal);
            Reduce(Vector512.LoadUnsafe(ref to, i) + product, P, Reciprocal).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>sum[i] += x·y[i], reduced.</summary>
    public void MultiplyAdd(double x, ReadOnlySpan<double> y, Span<double> sum)
    {
        Check(y, sum);
        Vector512<double> factor = Vector512.Create(x);
        ref double right = ref MemoryMarshal.GetReference(y), to = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < (nuint)sum.Length; i += 8)
        {
            Reduce(Vector512.LoadUnsafe(ref to, i) + Multiply(factor, Vector512.LoadUnsafe(ref right, i), P, Reciprocal), P, Reciprocal).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>sum[i] += x[i]·(y[i] + scale·z[i]), reduced; all that comes in is. Products stay below 2^48·p, so nothing is reduced in between.</summary>
    public void MultiplyAdd(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double scale, ReadOnlySpan<double> z, Span<double> sum)
    {
        Check(x, sum);
        Check(y, sum);
        Check(z, sum);
        Vector512<double> factor = Vector512.Create(scale);
        ref double outer = ref MemoryMarshal.GetReference(x), first = ref MemoryMarshal.GetReference(y), second = ref MemoryMarshal.GetReference(z);
        ref double to = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < (nuint)sum.Length; i += 8)
        {
            Vector512<double> inner = Vector512.LoadUnsafe(ref first, i) + Multiply(factor, Vector512.LoadUnsafe(ref second, i), P, Reciprocal);
            Reduce(Vector512.LoadUnsafe(ref to, i) + Multiply(Vector512.LoadUnsafe(ref outer, i), inner, P, Reciprocal), P, Reciprocal).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>sum[i] += scale·((a[i] + b[i]·x) + (c[i] + d[i]·x)·y), reduced; all that comes in is. Products stay below 2^49·p.</summary>
    public void FoldAdd(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, ReadOnlySpan<double> d, double x, double y, double scale, Span<double> sum)
    {
        Check(a, sum);
        Check(b, sum);
        Check(c, sum);
        Check(d, sum);
        (Vector512<double> inner, Vector512<double> outer, Vector512<double> factor) = (Vector512.Create(x), Vector512.Create(y), Vector512.Create(scale));
        ref double first = ref MemoryMarshal.GetReference(a), second = ref MemoryMarshal.GetReference(b), third = ref MemoryMarshal.GetReference(c);
        ref double fourth = ref MemoryMarshal.GetReference(d), to = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < (nuint)sum.Length; i += 8)
        {
            Vector512<double> value = Fold(ref first, ref second, ref third, ref fourth, i, inner, outer);
            Reduce(Vector512.LoadUnsafe(ref to, i) + Multiply(value, factor, P, Reciprocal), P, Reciprocal).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>a[i] ← (a[i] + b[i]·x[i]) + (c[i] + d[i]·x[i])·y[i], reduced; all that comes in is.</summary>
    public void Fold(Span<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, ReadOnlySpan<double> d, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Check(b, a);
        Check(c, a);
        Check(d, a);
        Check(x, a);
        Check(y, a);
        ref double first = ref MemoryMarshal.GetReference(a), second = ref MemoryMarshal.GetReference(b), third = ref MemoryMarshal.GetReference(c);
        ref double fourth = ref MemoryMarshal.GetReference(d), inner = ref MemoryMarshal.GetReference(x), outer = ref MemoryMarshal.GetReference(y);
        for (nuint i = 0; i < (nuint)a.Length; i += 8)
        {
            Vector512<double> value = Fold(ref first, ref second, ref third, ref fourth, i, Vector512.LoadUnsafe(ref inner, i), Vector512.LoadUnsafe(ref outer, i));
            Reduce(value, P, Reciprocal).StoreUnsafe(ref first, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector512<double> Fold(ref double a, ref double b, ref double c, ref double d, nuint at, Vector512<double> x, Vector512<double> y)
    {
        Vector512<double> low = Vector512.LoadUnsafe(ref a, at) + Multiply(Vector512.LoadUnsafe(ref b, at), x, P, Reciprocal);
        Vector512<double> high = Vector512.LoadUnsafe(ref c, at) + Multiply(Vector512.LoadUnsafe(ref d, at), x, P, Reciprocal);
        return low + Multiply(high, y, P, Reciprocal);
    }

    /// <summary>Reduces in place.</summary>
    public void Reduce(Span<double> x)
    {
        Check(x, x);
        ref double at = ref MemoryMarshal.GetReference(x);
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            Reduce(Vector512.LoadUnsafe(ref at, i), P, Reciprocal).StoreUnsafe(ref at, i);
        }
    }

    /// <summary>base^exponent in [0, p); for tables, not for secrets.</summary>
    public long Power(long number, long exponent)
    {
        UInt128 result = 1, square = (UInt128)(ulong)(((number % Prime) + Prime) % Prime);
        for (; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 0 ? result : result * square % (ulong)Prime;
            square = square * square % (ulong)Prime;
        }
        return (long)result;
    }

    /// <summary>The canonical element of an integer; for tables, not for secrets.</summary>
    public double Element(BigInteger number)
    {
        BigInteger rest = ((number % Prime) + Prime) % Prime;
        return (double)(rest > Prime / 2 ? rest - Prime : rest);
    }

    /// <summary>The loops take references: this is what keeps them inside.</summary>
    static void Check(ReadOnlySpan<double> x, ReadOnlySpan<double> to)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, to.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length % 8, 0);
    }
}
