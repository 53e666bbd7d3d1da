using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Funion.Private.Lattice;

/// <summary>
/// The number-theoretic transform of Z_p[X]/(X^N + 1): after it, products of polynomials are products element by element. Its order of elements is one of its own
/// (bit-reversed, every 64 of them transposed, so that the last three stages too work on whole vectors), and nothing needs to know it.
/// <list type="bullet">
/// <item>References: Longa and Naehrig, "Speeding up the Number Theoretic Transform" (2016), algorithms 1 and 2.</item>
/// </list>
/// </summary>
sealed class PrimeTransform
{
    const int Lanes = 8, Block = Lanes * Lanes;

    /// <summary>Stages after which sums are reduced: twofold they grow in one back. Forward a sum grows by less than p in a stage, and is reduced in every fourth.</summary>
    const int BackStages = 2;

    readonly PrimeField _field;
    readonly double[] _roots, _inverses;
    readonly double _degreeInverse;

    /// <summary>A transform for a degree N that is a power of two from 64 to 4096.</summary>
    public PrimeTransform(PrimeField field, int degree)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, Block);
        if (!BitOperations.IsPow2(degree) || (field.Prime - 1) % (2 * degree) != 0)
        {
            throw new ArgumentException($"There is no root of unity of order {2 * degree}.", nameof(degree));
        }
        (_field, Degree) = (field, degree);
        long root = Root(field, 2 * degree), inverse = field.Power(root, field.Prime - 2);
        _roots = Table(root);
        _inverses = Table(inverse);
        _degreeInverse = field.Element(field.Power(degree, field.Prime - 2));
    }

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>Transforms coefficients of magnitude up to p, in place; reduced.</summary>
    public void Forward(Span<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Degree);
        (Vector512<double> p, Vector512<double> reciprocal) = (_field.P, _field.Reciprocal);
        ref double start = ref MemoryMarshal.GetReference(x);
        int half = Degree / 2;
        // Two stages at a time, so that a sum is stored every other stage only.
        for (bool reduce = false; half >= 2 * Lanes; half /= 4, reduce = !reduce)
        {
            for (int first = 0, number = Degree / (2 * half); first < Degree; first += 2 * half, number++)
            {
                Pair(ref Unsafe.Add(ref start, first), half / 2, _roots[number], _roots[2 * number], _roots[(2 * number) + 1], p, reciprocal, reduce);
            }
        }
        for (int first = 0, number = Degree / (2 * half); half >= Lanes && first < Degree; first += 2 * half, number++)
        {
            Vector512<double> root = Vector512.Create(_roots[number]);
            for (int i = first; i < first + half; i += Lanes)
            {
                Butterfly(ref Unsafe.Add(ref start, i), (nuint)half, root, p, reciprocal);
            }
        }
        ref double roots = ref MemoryMarshal.GetArrayDataReference(_roots);
        for (int first = 0; first < Degree; first += Block)
        {
            ForwardBlock(ref Unsafe.Add(ref start, first), ref roots, (nuint)first, (nuint)Degree, p, reciprocal);
        }
    }

    /// <summary>Back to coefficients, in place; reduced. What comes in may be as large as a sum of two products.</summary>
    public void Back(Span<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Degree);
        (Vector512<double> p, Vector512<double> reciprocal) = (_field.P, _field.Reciprocal);
        ref double start = ref MemoryMarshal.GetReference(x);
        _field.Reduce(x);
        for (int first = 0; first < Degree; first += Block)
        {
            for (int half = 1, at = Degree / 2; half < Lanes; half *= 2, at /= 2)
            {
                for (int group = 0; group < Lanes / 2 / half; group++)
                {
                    Vector512<double> root = Vector512.Create(_inverses.AsSpan(at + (((first / Block * (Lanes / 2 / half)) + group) * Lanes), Lanes));
                    for (int row = group * 2 * half; row < ((group * 2) + 1) * half; row++)
                    {
                        BackButterfly(ref Unsafe.Add(ref start, first + (row * Lanes)), (nuint)(half * Lanes), root, p, reciprocal, reduce: half != 1);
                    }
                }
            }
            EightRows.Transpose(x.Slice(first, Block));
        }
        int stage = 0;
        for (int half = Lanes; half < Degree; half *= 2, stage++)
        {
            bool reduce = stage % BackStages == BackStages - 1;
            for (int first = 0, number = Degree / (2 * half); first < Degree; first += 2 * half, number++)
            {
                Vector512<double> root = Vector512.Create(_inverses[number]);
                for (int i = first; i < first + half; i += Lanes)
                {
                    BackButterfly(ref Unsafe.Add(ref start, i), (nuint)half, root, p, reciprocal, reduce);
                }
            }
        }
        Vector512<double> scale = Vector512.Create(_degreeInverse);
        for (nuint i = 0; i < (nuint)Degree; i += Lanes)
        {
            PrimeField.Reduce(PrimeField.Multiply(Vector512.LoadUnsafe(ref start, i), scale, p, reciprocal), p, reciprocal).StoreUnsafe(ref start, i);
        }
    }

    /// <summary>Two stages upon four quarters of a group.</summary>
    static void Pair(ref double at, int quarter, double first, double second, double third, Vector512<double> p, Vector512<double> reciprocal, bool reduce)
    {
        (Vector512<double> root, Vector512<double> left, Vector512<double> right) = (Vector512.Create(first), Vector512.Create(second), Vector512.Create(third));
        nuint step = (nuint)quarter;
        for (nuint i = 0; i < step; i += Lanes)
        {
            Vector512<double> x0 = Vector512.LoadUnsafe(ref at, i), x1 = Vector512.LoadUnsafe(ref at, i + step);
            Vector512<double> y0 = PrimeField.Multiply(Vector512.LoadUnsafe(ref at, i + (2 * step)), root, p, reciprocal);
            Vector512<double> y1 = PrimeField.Multiply(Vector512.LoadUnsafe(ref at, i + (3 * step)), root, p, reciprocal);
            Vector512<double> sum = x0 + y0, difference = x0 - y0;
            Vector512<double> z0 = PrimeField.Multiply(x1 + y1, left, p, reciprocal), z1 = PrimeField.Multiply(x1 - y1, right, p, reciprocal);
            if (reduce)
            {
                (sum, difference) = (PrimeField.Reduce(sum, p, reciprocal), PrimeField.Reduce(difference, p, reciprocal));
            }
            (sum + z0).StoreUnsafe(ref at, i);
            (sum - z0).StoreUnsafe(ref at, i + step);
            (difference + z1).StoreUnsafe(ref at, i + (2 * step));
            (difference - z1).StoreUnsafe(ref at, i + (3 * step));
        }
    }

    /// <summary>The last three stages upon a block, in registers where there are enough: reduced, transposed, transformed, reduced.</summary>
    static void ForwardBlock(ref double at, ref double roots, nuint first, nuint degree, Vector512<double> p, Vector512<double> reciprocal)
    {
        EightRows rows = EightRows.LoadTransposed(ref at, p, reciprocal);
        (Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d) = (rows.A, rows.B, rows.C, rows.D);
        (Vector512<double> e, Vector512<double> f, Vector512<double> g, Vector512<double> h) = (rows.E, rows.F, rows.G, rows.H);
        Vector512<double> root = Vector512.LoadUnsafe(ref roots, (degree / Lanes) + (first / Lanes));
        Vector512<double> w = PrimeField.Multiply(e, root, p, reciprocal), x = PrimeField.Multiply(f, root, p, reciprocal);
        Vector512<double> y = PrimeField.Multiply(g, root, p, reciprocal), z = PrimeField.Multiply(h, root, p, reciprocal);
        (a, b, c, d, e, f, g, h) = (a + w, b + x, c + y, d + z, a - w, b - x, c - y, d - z);
        nuint next = (degree / (Lanes / 2)) + (first / (Lanes / 2));
        (root, Vector512<double> other) = (Vector512.LoadUnsafe(ref roots, next), Vector512.LoadUnsafe(ref roots, next + Lanes));
        (w, x) = (PrimeField.Multiply(c, root, p, reciprocal), PrimeField.Multiply(d, root, p, reciprocal));
        (y, z) = (PrimeField.Multiply(g, other, p, reciprocal), PrimeField.Multiply(h, other, p, reciprocal));
        (a, b, c, d, e, f, g, h) = (a + w, b + x, a - w, b - x, e + y, f + z, e - y, f - z);
        next = (degree / (Lanes / 4)) + (first / (Lanes / 4));
        (w, x) = (PrimeField.Multiply(b, Vector512.LoadUnsafe(ref roots, next), p, reciprocal), PrimeField.Multiply(d, Vector512.LoadUnsafe(ref roots, next + Lanes), p, reciprocal));
        y = PrimeField.Multiply(f, Vector512.LoadUnsafe(ref roots, next + (2 * Lanes)), p, reciprocal);
        z = PrimeField.Multiply(h, Vector512.LoadUnsafe(ref roots, next + (3 * Lanes)), p, reciprocal);
        PrimeField.Reduce(a + w, p, reciprocal).StoreUnsafe(ref at);
        PrimeField.Reduce(a - w, p, reciprocal).StoreUnsafe(ref at, Lanes);
        PrimeField.Reduce(c + x, p, reciprocal).StoreUnsafe(ref at, 2 * Lanes);
        PrimeField.Reduce(c - x, p, reciprocal).StoreUnsafe(ref at, 3 * Lanes);
        PrimeField.Reduce(e + y, p, reciprocal).StoreUnsafe(ref at, 4 * Lanes);
        PrimeField.Reduce(e - y, p, reciprocal).StoreUnsafe(ref at, 5 * Lanes);
        PrimeField.Reduce(g + z, p, reciprocal).StoreUnsafe(ref at, 6 * Lanes);
        PrimeField.Reduce(g - z, p, reciprocal).StoreUnsafe(ref at, 7 * Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Butterfly(ref double at, nuint half, Vector512<double> root, Vector512<double> p, Vector512<double> reciprocal)
    {
        Vector512<double> x = Vector512.LoadUnsafe(ref at), y = PrimeField.Multiply(Vector512.LoadUnsafe(ref at, half), root, p, reciprocal);
        (x + y).StoreUnsafe(ref at);
        (x - y).StoreUnsafe(ref at, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void BackButterfly(ref double at, nuint half, Vector512<double> root, Vector512<double> p, Vector512<double> reciprocal, bool reduce)
    {
        Vector512<double> x = Vector512.LoadUnsafe(ref at), y = Vector512.LoadUnsafe(ref at, half), sum = x + y;
        (reduce ? PrimeField.Reduce(sum, p, reciprocal) : sum).StoreUnsafe(ref at);
        PrimeField.Multiply(x - y, root, p, reciprocal).StoreUnsafe(ref at, half);
    }

    /// <summary>Powers in bit-reversed order; those of the last three stages as the rows of their blocks take them.</summary>
    double[] Table(long root)
    {
        double[] table = new double[Degree];
        int bits = BitOperations.Log2((uint)Degree);
        for (int i = 0; i < Degree; i++)
        {
            table[i] = _field.Element(_field.Power(root, Reversed(i, bits)));
        }
        double[] ordered = [.. table];
        for (int half = Lanes / 2, at = Degree / Lanes; half >= 1; half /= 2, at *= 2)
        {
            int groups = Lanes / 2 / half;
            for (int i = 0; i < at; i++)
            {
                // Of block b, group g and lane r: the lane's row has its groups one after another.
                int lane = i % Lanes, group = i / Lanes % groups, block = i / Lanes / groups;
                ordered[at + i] = table[at + (((block * Lanes) + lane) * groups) + group];
            }
        }
        return ordered;
    }

    static int Reversed(int number, int bits)
    {
        int reversed = 0;
        for (int i = 0; i < bits; i++)
        {
            reversed |= ((number >> i) & 1) << (bits - 1 - i);
        }
        return reversed;
    }

    /// <summary>An element of this order, a power of two.</summary>
    static long Root(PrimeField field, int order)
    {
        for (long candidate = 2; ; candidate++)
        {
            long root = field.Power(candidate, (field.Prime - 1) / order);
            if (field.Power(root, order / 2) == field.Prime - 1)
            {
                return root;
            }
        }
    }
}
