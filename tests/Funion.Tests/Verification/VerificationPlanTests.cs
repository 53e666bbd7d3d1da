using System.Numerics;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class VerificationPlanTests
{
    /// <summary>Copies and samples for λ = 20, by an independent search; of λ = 40 below.</summary>
    [Theory]
    [InlineData(1, 20, 10, 13)]
    [InlineData(2, 20, 9, 8)]
    [InlineData(4, 20, 7, 6)]
    [InlineData(8, 20, 6, 5)]
    [InlineData(16, 20, 5, 4)]
    [InlineData(32, 20, 5, 4)]
    [InlineData(64, 20, 4, 3)]
    [InlineData(128, 20, 4, 3)]
    [InlineData(256, 20, 4, 3)]
    [InlineData(1024, 20, 3, 2)]
    [InlineData(2, 40, 16, 16)]
    [InlineData(4, 40, 13, 12)]
    [InlineData(8, 40, 10, 14)]
    [InlineData(16, 40, 9, 8)]
    [InlineData(32, 40, 8, 7)]
    [InlineData(64, 40, 7, 6)]
    [InlineData(128, 40, 6, 5)]
    [InlineData(256, 40, 6, 5)]
    [InlineData(1024, 40, 5, 4)]
    public void The_cheapest_plan_is_the_table_s(int queries, int lambda, int copies, int samples) =>
        Assert.Equal(new VerificationPlan(queries, copies, samples, lambda), VerificationPlan.For(queries, lambda));

    [Fact]
    public void One_query_at_40_takes_44_runs() => Assert.Equal(44, VerificationPlan.For(1, 40).Runs);

    [Theory]
    [InlineData(1, 12)]
    [InlineData(3, 10)]
    [InlineData(5, 8)]
    public void No_plan_with_fewer_runs_holds(int queries, int lambda)
    {
        VerificationPlan plan = VerificationPlan.For(queries, lambda);
        for (int copies = 1; queries * copies <= plan.Runs; copies++)
        {
            for (int samples = 0; (queries * copies) + samples <= plan.Runs; samples++)
            {
                bool cheaper = (queries * copies) + samples < plan.Runs || copies < plan.Copies;
                Assert.False(cheaper && Naive(queries, copies, samples, 0) <= Math.Pow(2, -lambda), $"{copies}, {samples}");
            }
        }
    }

    [Theory]
    [InlineData(2, 2, 2, 0)]
    [InlineData(3, 2, 4, 1)]
    [InlineData(4, 3, 5, 2)]
    [InlineData(1, 1, 0, 0)]
    public void The_bound_is_the_formula(int queries, int copies, int samples, int misses)
    {
        (BigInteger passes, BigInteger all) = CheatingBound.Of(queries, copies, samples, misses);
        Assert.Equal(Naive(queries, copies, samples, misses), (double)passes / (double)all, 1e-12);
        Assert.Equal(Math.Log2(Naive(queries, copies, samples, misses)), CheatingBound.Log2(queries, copies, samples, misses), 1e-9);
    }

    [Fact]
    public void Without_samples_who_answers_all_wrongly_passes()
    {
        Assert.Equal((BigInteger.One, BigInteger.One), CheatingBound.Of(5, 4, 0));
        Assert.False(CheatingBound.Holds(5, 4, 0, 1));
    }

    [Fact]
    public void An_allowed_miss_costs_what_it_is_said_to()
    {
        foreach (int queries in (int[])[1, 4, 16, 64])
        {
            VerificationPlan plan = VerificationPlan.For(queries, 20);
            Assert.InRange(CheatingBound.Log2(queries, plan.Copies, plan.Samples, misses: 1), -17.5, -12.5);
        }
    }

    /// <summary>Every set of positions that a server could answer wrongly, against every order that a client could have drawn.</summary>
    [Fact]
    public void Every_choice_of_a_server_survives_as_often_as_the_formula_says()
    {
        const int Queries = 2, Copies = 2, Samples = 2, N = (Queries * Copies) + Samples;
        int[][] orders = [.. Permutations([.. Enumerable.Range(0, N)])];
        double worst = 0;
        for (int wrong = 1; wrong < 1 << N; wrong++)
        {
            int survived = orders.Count(order => Survives(order, wrong));
            double part = (double)survived / orders.Length;
            worst = Math.Max(worst, part);
            int size = BitOperations.PopCount((uint)wrong);
            double expected = size switch { Copies => 2.0 / 15, 2 * Copies => 1.0 / 15, _ => 0 };
            Assert.Equal(expected, part, 1e-12);
        }
        Assert.Equal(worst, Naive(Queries, Copies, Samples, 0), 1e-12);

        // order[position] is what lies there: 0 to 3 copies, two of each query, 4 and 5 public samples.
        static bool Survives(int[] order, int wrong)
        {
            bool Wrong(int what) => (wrong >> Array.IndexOf(order, what) & 1) != 0;
            return Wrong(0) == Wrong(1) && Wrong(2) == Wrong(3) && !Wrong(4) && !Wrong(5);
        }
    }

    [Fact]
    public void Misuse_throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VerificationPlan.For(0, 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => VerificationPlan.For(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => VerificationPlan.For(VerificationPlan.MostQueries + 1, 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => VerificationPlan.For(1, VerificationPlan.MostLambda + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CheatingBound.Of(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CheatingBound.Of(1, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CheatingBound.Of(1, 1, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CheatingBound.Of(int.MaxValue, 2, 1));
    }

    static double Naive(int queries, int copies, int samples, int misses)
    {
        double worst = 0;
        for (int k = 1; k <= queries; k++)
        {
            for (int j = 0; j <= Math.Min(misses, samples); j++)
            {
                worst = Math.Max(worst, Choose(queries, k) * Choose(samples, j) / Choose((queries * copies) + samples, (k * copies) + j));
            }
        }
        return worst;
    }

    static double Choose(int n, int k)
    {
        double result = 1;
        for (int i = 1; i <= k; i++)
        {
            result = result * (n - k + i) / i;
        }
        return Math.Round(result);
    }

    static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (int[])[item, .. rest]));
}
