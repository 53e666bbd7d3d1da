namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>Brings features to mean 0 and deviation 1 over the training rounds; what is not there becomes the mean, what is far out is cut.</summary>
sealed class Scale
{
    const double Far = 6;

    readonly double[] _mean, _deviation;

    public Scale(IReadOnlyList<Round> rounds)
    {
        int width = rounds[0].Features.Length;
        _mean = new double[width];
        _deviation = new double[width];
        for (int i = 0; i < width; i++)
        {
            double[] there = [.. rounds.Select(round => round.Features[i]).Where(value => !double.IsNaN(value))];
            _mean[i] = there.Length == 0 ? 0 : there.Average();
            double variance = there.Length == 0 ? 0 : there.Average(value => (value - _mean[i]) * (value - _mean[i]));
            _deviation[i] = variance > 0 ? Math.Sqrt(variance) : 1;
        }
    }

    public double[] Of(double[] features)
    {
        double[] scaled = new double[features.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = double.IsNaN(features[i]) ? 0 : Math.Clamp((features[i] - _mean[i]) / _deviation[i], -Far, Far);
        }
        return scaled;
    }
}
