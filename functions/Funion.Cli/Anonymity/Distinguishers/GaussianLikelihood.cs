namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>The likelihood ratio of two worlds in which every feature is normal and independent of the others.</summary>
sealed class GaussianLikelihood : Distinguisher
{
    readonly Scale _scale;
    readonly (double Mean, double Variance)[][] _worlds;

    public GaussianLikelihood(IReadOnlyList<Round> rounds)
        : base("likelihood ratio")
    {
        _scale = new Scale(rounds);
        _worlds = [Fit(rounds.Where(round => !round.Secret)), Fit(rounds.Where(round => round.Secret))];
    }

    public override bool Guess(double[] features)
    {
        double[] scaled = _scale.Of(features);
        double ratio = 0;
        for (int i = 0; i < scaled.Length; i++)
        {
            ratio += Log(_worlds[1][i], scaled[i]) - Log(_worlds[0][i], scaled[i]);
        }
        return ratio > 0;
    }

    static double Log((double Mean, double Variance) world, double value) =>
        (-(value - world.Mean) * (value - world.Mean) / (2 * world.Variance)) - (0.5 * Math.Log(world.Variance));

    (double Mean, double Variance)[] Fit(IEnumerable<Round> rounds)
    {
        double[][] scaled = [.. rounds.Select(round => _scale.Of(round.Features))];
        return
        [
            .. Enumerable.Range(0, scaled.Length == 0 ? 0 : scaled[0].Length).Select(i =>
            {
                double mean = scaled.Average(row => row[i]);
                return (mean, Math.Max(0.01, scaled.Average(row => (row[i] - mean) * (row[i] - mean))));
            }),
        ];
    }
}
