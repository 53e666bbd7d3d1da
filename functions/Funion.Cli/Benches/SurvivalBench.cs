using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Benches;

/// <summary>Plays the game of <c>plan verify --trials</c>: how often a server passes, against what the formula says.</summary>
static class SurvivalBench
{
    /// <summary>All sizes of choices of a small plan, else the best two and one that can never pass.</summary>
    const int Small = 8;

    public static JsonArray Run(Output output, VerificationPlan plan, long trials)
    {
        int best = SurvivalGame.BestQueries(plan.Queries, plan.Copies, plan.Samples);
        int[] sizes = plan.Runs <= Small
            ? [.. Enumerable.Range(1, plan.Runs)]
            : [.. ((int[])[best * plan.Copies, (best < plan.Queries ? best + 1 : best) * plan.Copies, (best * plan.Copies) + 1]).Distinct()];
        JsonArray rows = [];
        foreach (int wrong in sizes)
        {
            int threads = Environment.ProcessorCount;
            long[] passed = new long[threads];
            Parallel.For(0, threads, i => passed[i] = SurvivalGame.Play(
                plan.Queries, plan.Copies, plan.Samples, wrong, (trials / threads) + (i < trials % threads ? 1 : 0), (ulong)((1_000 * wrong) + i)));
            long all = passed.Sum();
            (double low, double high) = Interval(all, trials);
            double expected = wrong % plan.Copies == 0 && wrong / plan.Copies is var k && k <= plan.Queries
                ? Choose(plan.Queries, k) - Choose(plan.Runs, wrong)
                : double.NegativeInfinity;
            output.Data(string.Create(CultureInfo.InvariantCulture,
                $"{wrong} of {plan.Runs} answered wrongly: passed {all} of {trials}, {Power((double)all / trials)} (95 %: {Power(low)} to {Power(high)}), formula {Power(Math.Pow(2, expected))}"));
            rows.Add(new JsonObject
            {
                ["wrong"] = wrong, ["trials"] = trials, ["passed"] = all, ["low"] = low, ["high"] = high,
                ["formula"] = double.IsNegativeInfinity(expected) ? 0 : Math.Pow(2, expected),
            });
        }
        return rows;
    }

    static string Power(double share) => share <= 0 ? "never" : string.Create(CultureInfo.InvariantCulture, $"2^{Math.Log2(share):F2}");

    /// <summary>Wilson's for a share.</summary>
    static (double Low, double High) Interval(long hits, long trials)
    {
        const double Z = 1.96;
        double share = (double)hits / trials, scale = 1 + (Z * Z / trials);
        double middle = (share + (Z * Z / (2.0 * trials))) / scale, half = Z * Math.Sqrt((share * (1 - share) / trials) + (Z * Z / (4.0 * trials * trials))) / scale;
        return (Math.Max(0, middle - half), middle + half);
    }

    static double Choose(int n, int k) => Enumerable.Range(1, k).Sum(i => Math.Log2(n - k + i) - Math.Log2(i));
}
