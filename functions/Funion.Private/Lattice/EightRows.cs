using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Funion.Private.Lattice;

/// <summary>Eight rows of eight numbers.</summary>
readonly record struct EightRows(
    Vector512<double> A, Vector512<double> B, Vector512<double> C, Vector512<double> D, Vector512<double> E, Vector512<double> F, Vector512<double> G, Vector512<double> H)
{
    const int Lanes = 8;

    /// <summary>The columns of what lies at an address, reduced. Without AVX-512 it is transposed where it lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightRows LoadTransposed(ref double at, Vector512<double> p, Vector512<double> reciprocal)
    {
        if (!Avx512F.IsSupported)
        {
            Transpose(MemoryMarshal.CreateSpan(ref at, Lanes * Lanes));
        }
        EightRows rows = new(
            Row(ref at, 0, p, reciprocal), Row(ref at, 1, p, reciprocal), Row(ref at, 2, p, reciprocal), Row(ref at, 3, p, reciprocal),
            Row(ref at, 4, p, reciprocal), Row(ref at, 5, p, reciprocal), Row(ref at, 6, p, reciprocal), Row(ref at, 7, p, reciprocal));
        return Avx512F.IsSupported ? rows.Transposed() : rows;
    }

    /// <summary>Rows to columns, in place.</summary>
    public static void Transpose(Span<double> block)
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

    /// <summary>Pairs of numbers change places, then pairs of pairs, then halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    EightRows Transposed()
    {
        (Vector512<double> a, Vector512<double> b) = (Avx512F.UnpackLow(A, B), Avx512F.UnpackHigh(A, B));
        (Vector512<double> c, Vector512<double> d) = (Avx512F.UnpackLow(C, D), Avx512F.UnpackHigh(C, D));
        (Vector512<double> e, Vector512<double> f) = (Avx512F.UnpackLow(E, F), Avx512F.UnpackHigh(E, F));
        (Vector512<double> g, Vector512<double> h) = (Avx512F.UnpackLow(G, H), Avx512F.UnpackHigh(G, H));
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        // Of rows 0 to 3 and 4 to 7: columns 0 and 4, 2 and 6; and the odd ones.
        (Vector512<double> ac, Vector512<double> ca) = (Avx512F.Shuffle4x128(a, c, even), Avx512F.Shuffle4x128(a, c, odd));
        (Vector512<double> bd, Vector512<double> db) = (Avx512F.Shuffle4x128(b, d, even), Avx512F.Shuffle4x128(b, d, odd));
        (Vector512<double> eg, Vector512<double> ge) = (Avx512F.Shuffle4x128(e, g, even), Avx512F.Shuffle4x128(e, g, odd));
        (Vector512<double> fh, Vector512<double> hf) = (Avx512F.Shuffle4x128(f, h, even), Avx512F.Shuffle4x128(f, h, odd));
        return new EightRows(
            Avx512F.Shuffle4x128(ac, eg, even), Avx512F.Shuffle4x128(bd, fh, even), Avx512F.Shuffle4x128(ca, ge, even), Avx512F.Shuffle4x128(db, hf, even),
            Avx512F.Shuffle4x128(ac, eg, odd), Avx512F.Shuffle4x128(bd, fh, odd), Avx512F.Shuffle4x128(ca, ge, odd), Avx512F.Shuffle4x128(db, hf, odd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<double> Row(ref double at, nuint row, Vector512<double> p, Vector512<double> reciprocal) =>
        PrimeField.Reduce(Vector512.LoadUnsafe(ref at, row * Lanes), p, reciprocal);
}
