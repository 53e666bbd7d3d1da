namespace Funion.Cli.LocalNetwork;

/// <summary>
/// How many jobs fit a bucket, and what rate that takes. A dummy is paid twice: compute uploads, dispatches, reads and deletes it as a client, and
/// fetches and writes it as a service; each box costs two exchanges each time.
/// </summary>
static class ComputeBudget
{
    const double Load = 0.8;

    const int MostJobs = 4;

    /// <summary>λC per 1,000 seconds at the emulator's pace and in memory.</summary>
    public const int EmulatorRate = 2_000, MemoryRate = 16_000;

    /// <summary>Slots that one dummy job takes: six exchanges a box pair and side, and the dispatch.</summary>
    public static int SlotsPerDummy(int inputBoxes, int outputBoxes) => (6 * (inputBoxes + outputBoxes)) + 1;

    /// <summary>Batch for a bucket at a rate: at least one job, at most four; and the rate, more than was asked for where one job needs it.</summary>
    public static (int Batch, int RatePerKilosecond) For(int rate, TimeSpan bucket, int inputBoxes, int outputBoxes, int models)
    {
        int slots = SlotsPerDummy(inputBoxes, outputBoxes) * models;
        int batch = (int)(Load * rate / 1000 * bucket.TotalSeconds / slots);
        if (batch >= 1)
        {
            return (Math.Min(batch, MostJobs), rate);
        }
        return (1, (int)Math.Ceiling(1000 * slots / (Load * bucket.TotalSeconds)));
    }
}
