using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;
using Funion.Mixing;

namespace Funion.Tests.Anonymity;

/// <summary>The adversary can learn: what is planted he finds, and where nothing is he finds nothing.</summary>
public sealed class DistinguisherTests
{
    [Theory]
    // Wilson, 95 %: 5,000 of 10,000 is a coin; 600 of 1,000 lies in [0.569, 0.630].
    [InlineData(5_000, 10_000, 0.0, 0.0, 0.0196)]
    [InlineData(600, 1_000, 0.2, 0.1386, 0.2597)]
    [InlineData(400, 1_000, 0.2, 0.1386, 0.2597)]
    [InlineData(1_000, 1_000, 1.0, 0.9923, 1.0)]
    public void The_interval_is_Wilsons(int right, int rounds, double value, double low, double high)
    {
        Advantage advantage = Advantage.Of(right, rounds);
        Assert.Equal(value, advantage.Value, 4);
        Assert.Equal(low, advantage.Low, 3);
        Assert.Equal(high, advantage.High, 3);
    }

    [Fact]
    public void Nothing_is_found_in_noise() => Assert.InRange(Score((_, random) => [.. Enumerable.Range(0, 20).Select(_ => random.NextDouble())]), 0, 0.06);

    [Fact]
    public void A_shifted_feature_is_found() =>
        Assert.InRange(Score((secret, random) => [random.NextDouble(), random.NextDouble() + (secret ? 0.5 : 0)]), 0.4, 0.6);

    [Fact]
    public void A_wider_feature_is_found() =>
        Assert.InRange(Score((secret, random) => [random.NextDouble(), (random.NextDouble() - 0.5) * (secret ? 4 : 1)]), 0.6, 0.9);

    [Fact]
    public void A_weak_sign_in_each_of_many_is_put_together() =>
        Assert.InRange(Score((secret, random) => [.. Enumerable.Range(0, 30).Select(_ => random.NextDouble() + (secret ? 0.1 : 0))]), 0.4, 0.8);

    [Fact]
    public void What_is_not_there_does_no_harm() =>
        Assert.InRange(Score((secret, random) => [double.NaN, random.Below(2) == 0 ? double.NaN : secret ? 1 : 0]), 0.4, 0.6);

    [Fact]
    public void A_kernel_is_the_density_of_a_sum_of_exponentials()
    {
        Kernel kernel = Kernel.Hops(5, TimeSpan.FromMilliseconds(200), new SeededSource(1));
        Assert.Equal(1, kernel.Delay, 2);
        double mass = Enumerable.Range(0, 500).Sum(i => kernel[(i * 0.02) + 0.01] * 0.02);
        Assert.Equal(1, mass, 3);
        // Erlang-5 at its mode, (k - 1) / μ^-1 = 0.8 s: 5^5 · 0.8^4 · e^-4 / 4!.
        Assert.Equal(Math.Pow(5, 5) * Math.Pow(0.8, 4) * Math.Exp(-4) / 24, kernel[0.8], 1);
    }

    static double Score(Func<bool, RandomSource, double[]> features)
    {
        SeededSource random = new(42);
        Round[] rounds =
        [
            .. Enumerable.Range(0, 6_000).Select(_ =>
            {
                bool secret = random.Below(2) == 1;
                return new Round(secret, features(secret, random));
            }),
        ];
        Distinguisher best = Family.Choose(rounds[..2_000]);
        return Math.Abs((2 * best.Accuracy(rounds[2_000..])) - 1);
    }
}
