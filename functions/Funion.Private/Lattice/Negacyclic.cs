using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>Products in Z_q[X]/(X^N + 1) by shifts: multiplication with X^k is a window of [−a | a] that begins N − k words in.</summary>
static class Negacyclic
{
    static readonly int[] s_offsets2048 = OffsetsOf(2_048);

    /// <summary>N − k for every exponent k.</summary>
    public static ReadOnlySpan<int> Offsets(int degree) => degree == 2_048 ? s_offsets2048 : OffsetsOf(degree);

    /// <summary>Writes [−a | a].</summary>
    public static void Double(ReadOnlySpan<ulong> a, Span<ulong> doubled)
    {
        int degree = a.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(doubled.Length, 2 * degree);
        a.CopyTo(doubled[degree..]);
        for (int i = 0; i < degree; i++)
        {
            doubled[i] = unchecked(0UL - a[i]);
        }
    }

    /// <summary>
    /// Coefficients <paramref name="from"/> to <paramref name="to"/> of a·p for every p in a row of polynomials, added to <paramref name="sums"/>. Dense, and so of
    /// one running time whatever the polynomials are: a list of the non-zero ones would be faster and tell them.
    /// </summary>
    public static void MultiplyAdd(ReadOnlySpan<ulong> doubled, ReadOnlySpan<ulong> polynomials, Span<ulong> sums, int from, int to) =>
        WindowSums.Accumulate(doubled, Offsets(doubled.Length / 2), polynomials, sums, doubled.Length / 2, from, to);

    static int[] OffsetsOf(int degree)
    {
        int[] offsets = new int[degree];
        for (int k = 0; k < degree; k++)
        {
            offsets[k] = degree - k;
        }
        return offsets;
    }
}
