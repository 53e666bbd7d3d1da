namespace Funion.Verification;

/// <summary>
/// How many of T labelled samples must be right in one round. The bar is set so that the promised model passes nearly always; what else passes is the
/// binomial tail, so a round notices gross substitution only and the rest is for <see cref="SequentialTest"/>.
/// <code>
/// bar = max c with Pr[Binomial(T, p0) &lt; c] ≤ α
/// </code>
/// </summary>
public static class AccuracyBar
{
    /// <summary>The bar for a model of a promised accuracy.</summary>
    /// <param name="samples">T, at least 0.</param>
    /// <param name="promised">p0, above 0 and below 1.</param>
    /// <param name="falseAlarm">α: how often the promised model fails a round at most.</param>
    public static int For(int samples, double promised, double falseAlarm = 1e-3)
    {
        Check(samples, promised);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(falseAlarm);
        double below = 0;
        for (int bar = 0; bar < samples; bar++)
        {
            below += Math.Exp(LogTerm(samples, bar, promised));
            if (below > falseAlarm)
            {
                return bar;
            }
        }
        return samples;
    }

    /// <summary>How likely a model of some accuracy reaches a bar.</summary>
    public static double Passes(int samples, int bar, double accuracy)
    {
        Check(samples, accuracy);
        double sum = 0;
        // From the far end, so that what is small is not lost beside one.
        for (int right = samples; right >= Math.Max(0, bar); right--)
        {
            sum += Math.Exp(LogTerm(samples, right, accuracy));
        }
        return Math.Min(1, sum);
    }

    static void Check(int samples, double accuracy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, SamplePool.MostSamples);
        if (accuracy is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(accuracy));
        }
    }

    static double LogTerm(int samples, int right, double accuracy)
    {
        double choose = 0;
        for (int i = 1; i <= Math.Min(right, samples - right); i++)
        {
            choose += Math.Log(samples - i + 1) - Math.Log(i);
        }
        return choose + (right * Math.Log(accuracy)) + ((samples - right) * Math.Log(1 - accuracy));
    }
}
