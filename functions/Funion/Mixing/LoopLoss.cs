namespace Funion.Mixing;

/// <summary>
/// Tells an attack from noise. A healthy network loses fewer than one loop in a hundred (a node restarts, a hop is later than the slack); what is
/// lost beyond that is tested against it. An attacker who drops one target's packets must drop loops at the same rate, for they look alike.
/// </summary>
public static class LoopLoss
{
    /// <summary>Loss that is nobody's malice.</summary>
    public const double Noise = 0.01;

    /// <summary>
    /// Requests that are sent again though nobody drops anything: a reply may wait in its mailbox, behind a burst of others, for longer than patience lasts.
    /// </summary>
    public const double ResendNoise = 0.05;

    /// <summary>Chance of a false alarm per judgement.</summary>
    public const double FalseAlarm = 1e-4;

    const int Fewest = 20, Many = 1 << 20;

    /// <summary>A normal variable is larger with a chance of <see cref="FalseAlarm"/>.</summary>
    const double Quantile = 3.7190;

    /// <summary>Judges so many losses among the loops that ended, come back or lost.</summary>
    public static LossVerdict Judge(long returned, long lost, double noise = Noise)
    {
        // Counters are read one after another while they count: one may be ahead of another.
        (returned, lost) = (Math.Max(0, returned), Math.Max(0, lost));
        long ended = returned + lost;
        if (lost > 0 && Tail(ended, lost, noise) < FalseAlarm)
        {
            return LossVerdict.Attack;
        }
        return ended < Fewest ? LossVerdict.Unknown : lost == 0 ? LossVerdict.None : LossVerdict.Noise;
    }

    /// <summary>The same of loops that also come back changed, or come back (and are counted as returned) later than anything honest explains.</summary>
    public static LossVerdict Judge(long returned, long lost, long damaged, long late) => Judge(returned - late, lost + damaged + late);

    /// <summary>P(X ≥ lost) for X binomial over the ended loops with this noise.</summary>
    static double Tail(long ended, long lost, double noise)
    {
        if (ended > Many)
        {
            // The normal distribution is as good by now, and takes no longer for more.
            return (lost - (ended * noise)) / Math.Sqrt(ended * noise * (1 - noise)) >= Quantile ? 0 : 1;
        }
        // Sums the terms below the tail, each from the one before, in logarithms: n may be large.
        double log = ended * Math.Log(1 - noise), odds = Math.Log(noise) - Math.Log(1 - noise), below = 0;
        for (long k = 0; k < lost; k++)
        {
            below += Math.Exp(log);
            log += odds + Math.Log(ended - k) - Math.Log(k + 1);
        }
        return Math.Max(0, 1 - below);
    }
}
