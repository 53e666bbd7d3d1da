namespace Funion.Mixing;

/// <summary>
/// The slots of one Poisson process. After a pause there is one slot, not one for every slot missed: a burst would tell that somebody came back.
/// </summary>
public sealed class PoissonClock
{
    readonly TimeSpan _mean;
    readonly RandomSource _random;

    /// <summary>A process of this mean interval; the first slot is drawn like any other.</summary>
    public PoissonClock(TimeSpan mean, DateTimeOffset now, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(mean, TimeSpan.Zero);
        _mean = mean;
        _random = random;
        Next = now + random.Exponential(mean);
    }

    /// <summary>When the next slot is.</summary>
    public DateTimeOffset Next { get; private set; }

    /// <summary>Takes the slot if it is due, and draws the next one from now.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        if (Next > now)
        {
            return false;
        }
        Next = now + _random.Exponential(_mean);
        return true;
    }
}
