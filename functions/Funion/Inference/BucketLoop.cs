namespace Funion.Inference;

/// <summary>
/// The endless loop of one (model, bucket), one boundary a turn. The same code in a process and in a durable orchestration; it draws nothing and reads
/// no clock but its own.
/// </summary>
public static class BucketLoop
{
    /// <summary>Waits for the next boundary and does what it brings. A timer that is late rolls to a later boundary; what it missed is counted, not made up for.</summary>
    public static async Task<BucketLoopState> TurnAsync(BucketClock clock, BucketLoopState state)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(state);
        DateTimeOffset due = clock.Grid.NextBoundary(state.Last);
        await clock.WaitUntilAsync(due - clock.Lead);
        DateTimeOffset boundary = BoundaryFor(clock, due);
        BucketTurn turn = await clock.AdmitAsync(boundary);
        await clock.ReleaseAsync(turn);
        clock.Start(turn);
        return new BucketLoopState(boundary, state.Missed + ((boundary - due).Ticks / clock.Grid.Bucket.Ticks));
    }

    /// <summary>
    /// Exact timers take the boundary that has just come. Those that wake up ahead, and came after it all the same, have missed it: what left at once would
    /// leave between two boundaries.
    /// </summary>
    static DateTimeOffset BoundaryFor(BucketClock clock, DateTimeOffset due)
    {
        DateTimeOffset now = clock.Now;
        if (now <= due)
        {
            return due;
        }
        return clock.Lead > TimeSpan.Zero ? clock.Grid.NextBoundary(now) : clock.Grid.BoundaryAt(now);
    }
}
