using System.Numerics;

namespace Funion.Verification;

/// <summary>
/// How likely a server passes mix-and-check with a wrong answer. It sees n = R B + T inputs in secret order, B copies of each of R queries and T public
/// samples, and answers some of them wrongly. It passes only if what it chose is all copies of k ≥ 1 queries and j public samples, j no more than are
/// allowed to be wrong; every choice of that size is as likely, so
/// <code>
/// Pr ≤ max over k = 1..R, j = 0..misses of C(R, k) C(T, j) / C(R B + T, k B + j)
/// </code>
/// References: Fusion (Dong and others, NDSS 2023), section on mix-and-check; the bound with misses is ours. Exact arithmetic, no rounding.
/// </summary>
public static class CheatingBound
{
    /// <summary>Queries, copies and public samples at most, so that a plan takes a moment and not a day.</summary>
    public const int Most = 1 << 14;

    /// <summary>The bound, as a fraction of two integers.</summary>
    /// <param name="queries">R, at least 1.</param>
    /// <param name="copies">B, at least 1.</param>
    /// <param name="samples">T, at least 0.</param>
    /// <param name="misses">Public samples that may be wrong, 0 as a rule: one allowed miss turns 2^-20 into 2^-13 to 2^-17.</param>
    public static (BigInteger Passes, BigInteger All) Of(int queries, int copies, int samples, int misses = 0)
    {
        Check(queries, copies, samples, misses);
        (BigInteger Passes, BigInteger All) worst = (BigInteger.Zero, BigInteger.One);
        int n = checked((queries * copies) + samples);
        // C(n, m) for m ascending, each from the one before.
        BigInteger all = BigInteger.One, subsets = BigInteger.One;
        int at = 0;
        for (int k = 1; k <= queries; k++)
        {
            subsets = subsets * (queries - k + 1) / k;
            for (int m = at + 1; m <= k * copies; m++)
            {
                all = all * (n - m + 1) / m;
            }
            at = k * copies;
            BigInteger choices = all, chosen = BigInteger.One;
            for (int j = 0; j <= Math.Min(misses, samples); j++)
            {
                if (j > 0)
                {
                    choices = choices * (n - at - j + 1) / (at + j);
                    chosen = chosen * (samples - j + 1) / j;
                }
                BigInteger passes = subsets * chosen;
                if (passes * worst.All > worst.Passes * choices)
                {
                    worst = (passes, choices);
                }
            }
        }
        return worst;
    }

    /// <summary>Whether the bound is at most 2^-λ, without a logarithm.</summary>
    public static bool Holds(int queries, int copies, int samples, int lambda, int misses = 0)
    {
        (BigInteger passes, BigInteger all) = Of(queries, copies, samples, misses);
        return passes << lambda <= all;
    }

    /// <summary>The bound's logarithm to the base 2, for people.</summary>
    public static double Log2(int queries, int copies, int samples, int misses = 0)
    {
        (BigInteger passes, BigInteger all) = Of(queries, copies, samples, misses);
        return BigInteger.Log(passes, 2) - BigInteger.Log(all, 2);
    }

    static void Check(int queries, int copies, int samples, int misses)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(copies, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(misses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)queries * copies, Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, Most);
    }
}
