namespace Funion.Verification;

/// <summary>
/// How many copies and public samples make cheating as unlikely as asked: the fewest runs, and of plans with as many runs the one with fewest copies.
/// </summary>
/// <param name="Queries">R.</param>
/// <param name="Copies">B, of each query.</param>
/// <param name="Samples">T, public samples whose certified outputs are known; none may be missed.</param>
/// <param name="Lambda">λ: the bound is at most 2^-λ.</param>
public sealed record VerificationPlan(int Queries, int Copies, int Samples, int Lambda)
{
    /// <summary>The most that is planned for: 2^-λ beyond this protects against nothing that exists.</summary>
    public const int MostLambda = 128, MostQueries = 2_048;

    /// <summary>n = R B + T, what is run.</summary>
    public int Runs => (Queries * Copies) + Samples;

    /// <summary>Runs for each query.</summary>
    public double Overhead => (double)Runs / Queries;

    /// <summary>The bound's logarithm to the base 2.</summary>
    public double CheatingLog2 => CheatingBound.Log2(Queries, Copies, Samples);

    /// <summary>Finds the plan by search over exact bounds.</summary>
    public static VerificationPlan For(int queries, int lambda)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queries, MostQueries);
        ArgumentOutOfRangeException.ThrowIfLessThan(lambda, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lambda, MostLambda);
        VerificationPlan? best = null;
        // More copies than runs are worth nothing; one copy of one query needs 2^λ samples, so the search begins with few of them.
        for (int copies = 1; best is null || (queries * copies) + 1 <= best.Runs; copies++)
        {
            int most = best is null ? FirstSamples(queries, lambda) : best.Runs - (queries * copies) - 1;
            if (Fewest(queries, copies, lambda, most) is { } samples)
            {
                best = new VerificationPlan(queries, copies, samples, lambda);
            }
        }
        return best;
    }

    /// <summary>No plan that is worth having has more public samples than this: R = 1 needs about λ/2 + 4 of both.</summary>
    static int FirstSamples(int queries, int lambda) => Math.Min(CheatingBound.Most, (4 * lambda) + (2 * queries) + 16);

    /// <summary>The fewest samples up to <paramref name="most"/> that do for so many copies; null: they do not. More samples never make the bound worse.</summary>
    static int? Fewest(int queries, int copies, int lambda, int most)
    {
        if (most < 0 || (long)queries * copies > CheatingBound.Most || !CheatingBound.Holds(queries, copies, most, lambda))
        {
            return null;
        }
        int low = 0, high = most;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = CheatingBound.Holds(queries, copies, middle, lambda) ? (low, middle) : (middle + 1, high);
        }
        return low;
    }
}
