using Funion.Mixing;

namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>The density of the time between two sightings of one packet, from which an observer weighs whether two sightings are one packet's.</summary>
sealed class Kernel
{
    const double Bin = 0.02;
    const int Draws = 200_000;

    readonly double[] _density;

    Kernel(double[] density, double delay) => (_density, Delay) = (density, delay);

    /// <summary>The longest that is considered, in seconds.</summary>
    public double Longest => _density.Length * Bin;

    /// <summary>The mean, in seconds.</summary>
    public double Delay { get; }

    public double this[double lag] => lag < 0 || lag >= Longest ? 0 : _density[(int)(lag / Bin)];

    /// <summary>After so many exponential delays.</summary>
    public static Kernel Hops(int hops, TimeSpan mean, RandomSource random, Func<double>? more = null)
    {
        if (mean <= TimeSpan.Zero && more is null)
        {
            // Nothing is held: what comes within the first bin is the same packet.
            return new Kernel([1 / Bin], 0);
        }
        int most = (int)Math.Ceiling(((hops + (6 * Math.Sqrt(hops)) + 2) * mean.TotalSeconds + (more is null ? 0 : 3)) / Bin) + 1;
        double[] density = new double[most];
        double sum = 0;
        for (int i = 0; i < Draws; i++)
        {
            double lag = more?.Invoke() ?? 0;
            for (int hop = 0; hop < hops; hop++)
            {
                lag += random.Exponential(mean).TotalSeconds;
            }
            sum += lag;
            if (lag < most * Bin)
            {
                density[(int)(lag / Bin)] += 1 / (Draws * Bin);
            }
        }
        return new Kernel(density, sum / Draws);
    }

    /// <summary>
    /// How well arrivals fit what was sent: the sum over arrivals of the density of their lags, less what a sender of this rate has by chance (or whoever sends more
    /// would fit better); and of its logarithm over that of chance, which no single coincidence dominates.
    /// </summary>
    /// <param name="sent">Times, ascending.</param>
    /// <param name="arrived">Times, ascending.</param>
    /// <param name="background">How many others a sighting may be of, per second.</param>
    /// <param name="rate">What was sent per second; 0 when it is one packet.</param>
    public (double Linear, double Logarithmic) Fit(ReadOnlySpan<double> sent, ReadOnlySpan<double> arrived, double background, double rate)
    {
        double linear = 0, logarithmic = 0, chance = Math.Log(background + rate);
        int first = 0;
        foreach (double arrival in arrived)
        {
            while (first < sent.Length && sent[first] < arrival - Longest)
            {
                first++;
            }
            double sum = 0;
            for (int i = first; i < sent.Length && sent[i] <= arrival; i++)
            {
                sum += this[arrival - sent[i]];
            }
            linear += sum - rate;
            logarithmic += Math.Log(background + sum) - chance;
        }
        return (linear, logarithmic);
    }
}
