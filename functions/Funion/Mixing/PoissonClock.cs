namespace Funion.Mixing;

/// <summary>
/// The times of a Poisson process, one after the other: gaps Exp(mean), capped (Echomix, sections 3 and 5). A slot belongs to its time: after a pause the
/// overdue ones are dropped and the next is drawn from now, which a memoryless process allows. Catching up would be a burst that tells of the pause.
/// </summary>
public sealed class PoissonClock
{
    // How late a timer may ring and still be taken for its slot.
    static readonly TimeSpan s_timerSlack = TimeSpan.FromMilliseconds(50);

    readonly TimeSpan _mean;
    readonly TimeSpan _tolerance;
    readonly RandomSource _random;

    /// <summary>A process from <paramref name="now"/> on; a mean of <see cref="Timeout.InfiniteTimeSpan"/> has no slots.</summary>
    public PoissonClock(TimeSpan mean, DateTimeOffset now, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _mean = mean;
        _random = random;
        if (mean == Timeout.InfiniteTimeSpan)
        {
            Next = DateTimeOffset.MaxValue;
            return;
        }
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(mean, TimeSpan.Zero);
        _tolerance = mean / 2 > s_timerSlack ? mean / 2 : s_timerSlack;
        Next = now + random.Exponential(mean);
    }

    /// <summary>The next slot.</summary>
    public DateTimeOffset Next { get; private set; }

    /// <summary>Takes the next slot if it is due. Call until false.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        if (now < Next)
        {
            return false;
        }
        bool inTime = now - Next <= _tolerance;
        Next = (inTime ? Next : now) + _random.Exponential(_mean);
        return inTime;
    }
}
