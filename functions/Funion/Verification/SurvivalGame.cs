namespace Funion.Verification;

/// <summary>
/// Mix-and-check as a game of chance without a network, cheap enough for 10^9 trials: the server answers m of n positions wrongly, it passes if what lies there
/// is all copies of some queries and nothing else. All choices of m positions are as likely to pass, so it takes the first m; where that is most of them, what it
/// leaves right is drawn instead: all samples, and all copies of the other queries.
/// </summary>
public static class SurvivalGame
{
    /// <summary>The k for which answering all copies of k queries wrongly passes most often, by the formula.</summary>
    public static int BestQueries(int queries, int copies, int samples)
    {
        double[] log = [.. Enumerable.Range(1, queries).Select(k => LogChoose(queries, k) - LogChoose((queries * copies) + samples, k * copies))];
        return 1 + Array.IndexOf(log, log.Max());
    }

    /// <summary>How many of the trials the server passes.</summary>
    /// <param name="queries">R.</param>
    /// <param name="copies">B.</param>
    /// <param name="samples">T.</param>
    /// <param name="wrong">m, from 1 to n = R B + T.</param>
    /// <param name="trials">How often an order is drawn.</param>
    /// <param name="seed">Of the draws, which are for counting and not for secrets.</param>
    public static long Play(int queries, int copies, int samples, int wrong, long trials, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(copies, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        int n = checked((queries * copies) + samples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, CheatingBound.Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(wrong, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wrong, n);
        // Item i is a copy of query i / B below R B, a sample from there on.
        bool rest = wrong > n / 2;
        int draws = rest ? n - wrong : wrong;
        int[] items = [.. Enumerable.Range(0, n)], swapped = new int[draws], touched = new int[queries];
        ulong state = seed;
        long passed = 0;
        for (long trial = 0; trial < trials; trial++)
        {
            // What must still be drawn, of the samples and of the queries that were touched: there must be places left for it.
            int drawn = 0, open = rest ? samples : 0;
            bool alive = open <= draws;
            while (alive && drawn < draws)
            {
                int at = drawn + Below(ref state, n - drawn);
                swapped[drawn] = at;
                (items[drawn], items[at]) = (items[at], items[drawn]);
                int query = items[drawn] / copies;
                drawn++;
                if (query >= queries)
                {
                    open--;
                    alive = rest;
                }
                else
                {
                    open += ++touched[query] == 1 ? copies - 1 : -1;
                }
                alive &= open <= draws - drawn;
            }
            passed += alive && open == 0 ? 1 : 0;
            for (int i = drawn - 1; i >= 0; i--)
            {
                int query = items[i] / copies;
                if (query < queries)
                {
                    touched[query] = 0;
                }
                (items[i], items[swapped[i]]) = (items[swapped[i]], items[i]);
            }
        }
        return passed;
    }

    /// <summary>SplitMix64, the upper half of a product: a bias of n / 2^32 at most.</summary>
    static int Below(ref ulong state, int limit)
    {
        unchecked
        {
            ulong z = state += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return (int)(((z >> 32) * (ulong)limit) >> 32);
        }
    }

    static double LogChoose(int n, int k)
    {
        double sum = 0;
        for (int i = 1; i <= k; i++)
        {
            sum += Math.Log(n - k + i) - Math.Log(i);
        }
        return sum;
    }
}
