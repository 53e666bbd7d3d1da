namespace Funion.Network;

/// <summary>Epochs counted from an origin; the time before it has negative epochs.</summary>
static class EpochClock
{
    public static long At(DateTimeOffset time, DateTimeOffset origin, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        long ticks = (time - origin).Ticks;
        long epoch = ticks / length.Ticks;
        return ticks < 0 && ticks % length.Ticks != 0 ? epoch - 1 : epoch;
    }

    /// <summary>Saturates at the end of time: the epoch may come from a stranger's document.</summary>
    public static DateTimeOffset Start(long epoch, DateTimeOffset origin, TimeSpan length)
    {
        Int128 ticks = origin.UtcTicks + ((Int128)length.Ticks * epoch);
        return new DateTimeOffset((long)Int128.Clamp(ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
    }
}
