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

    public static DateTimeOffset Start(long epoch, DateTimeOffset origin, TimeSpan length) => origin + TimeSpan.FromTicks(length.Ticks * epoch);
}
