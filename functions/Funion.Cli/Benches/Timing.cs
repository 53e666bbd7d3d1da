using System.Diagnostics;

namespace Funion.Cli.Benches;

/// <summary>Times several pieces of code against each other on a machine that others use too.</summary>
static class Timing
{
    const int Rounds = 15;

    /// <summary>
    /// Microseconds of one call of each, in turns, the best of the rounds: what disturbs one disturbs the others, and the best is what the machine can do.
    /// </summary>
    public static double[] Alternate(int times, params ReadOnlySpan<Action> acts)
    {
        double[] best = new double[acts.Length];
        Array.Fill(best, double.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < acts.Length; i++)
            {
                best[i] = Math.Min(best[i], Time(acts[i], times));
            }
        }
        return best;
    }

    /// <summary>Bytes that one call allocates on this thread, once it has been called before.</summary>
    public static long Allocated(Action act, int times)
    {
        act();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < times; i++)
        {
            act();
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before) / times;
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    static double Time(Action act, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            act();
        }
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / times;
    }
}
