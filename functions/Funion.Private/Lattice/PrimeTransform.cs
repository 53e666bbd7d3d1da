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

    /// <summary>Stages after which sums are reduced: a sum grows by less than p in a stage forward, and twofold in one back.</summary>
    const int ForwardStages = 4, BackStages = 2;

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
        int stage = 0;
        for (int half = Degree / 2; half >= Lanes; half /= 2, stage++)
        {
            bool reduce = stage % ForwardStages == ForwardStages - 1;
            for (int first = 0, number = Degree / (2 * half); first < Degree; first += 2 * half, number++)
            {
                Vector512<double> root = Vector512.Create(_roots[number]);
                for (int i = first; i < first + half; i += Lanes)
                {
                    Butterfly(ref Unsafe.Add(ref start, i), (nuint)half, root, p, reciprocal, reduce);
                }
            }
        }
        _field.Reduce(x);
        for (int first = 0; first < Degree; first += Block)
        {
            Transpose(x.Slice(first, Block));
            for (int half = Lanes / 2, at = Degree / Lanes; half >= 1; half /= 2, at *= 2)
            {
                for (int group = 0; group < Lanes / 2 / half; group++)
                {
                    Vector512<double> root = Vector512.Create(_roots.AsSpan(at + (((first / Block * (Lanes / 2 / half)) + group) * Lanes), Lanes));
                    for (int row = group * 2 * half; row < ((group * 2) + 1) * half; row++)
                    {
                        Butterfly(ref Unsafe.Add(ref start, first + (row * Lanes)), (nuint)(half * Lanes), root, p, reciprocal, reduce: false);
                    }
                }
            }
        }
        _field.Reduce(x);
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
            Transpose(x.Slice(first, Block));
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Butterfly(ref double at, nuint half, Vector512<double> root, Vector512<double> p, Vector512<double> reciprocal, bool reduce)
    {
        Vector512<double> x = Vector512.LoadUnsafe(ref at), y = PrimeField.Multiply(Vector512.LoadUnsafe(ref at, half), root, p, reciprocal);
        x = reduce ? PrimeField.Reduce(x, p, reciprocal) : x;
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

    /// <summary>Rows to columns of eight by eight.</summary>
    static void Transpose(Span<double> block)
    {
        for (int row = 0; row < Lanes; row++)
        {
            for (int column = row + 1; column < Lanes; column++)
            {
                int one = (row * Lanes) + column, other = (column * Lanes) + row;
                (block[one], block[other]) = (block[other], block[one]);
            }
        }
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
