namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// Virtual time: what is to happen, in order of its time, on one thread. What falls on one instant happens in the order in which it was planned; times are
/// in ticks and delays are drawn, so that practically nothing does.
/// </summary>
sealed class EventQueue
{
    // One number orders faster than two: ticks since the beginning, then the order of planning, which may wrap among what falls on one tick.
    const int OrderBits = 20;

    static readonly DateTimeOffset s_origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<Action, long> _events = new();
    long _order;

    /// <summary>The time.</summary>
    public DateTimeOffset Now { get; private set; } = s_origin;

    /// <summary>The time in seconds since the beginning.</summary>
    public double Seconds => (Now - s_origin).TotalSeconds;

    public void At(DateTimeOffset due, Action act)
    {
        if (due != DateTimeOffset.MaxValue)
        {
            long ticks = ((due > Now ? due : Now) - s_origin).Ticks;
            // Ten days: more than any game plays.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(ticks, long.MaxValue >> OrderBits, nameof(due));
            _events.Enqueue(act, (ticks << OrderBits) | (_order++ & ((1 << OrderBits) - 1)));
        }
    }

    public void In(TimeSpan delay, Action act) => At(Now + delay, act);

    /// <summary>Completes at a time; what waits for it goes on within that event.</summary>
    public Task DelayUntilAsync(DateTimeOffset due)
    {
        if (due <= Now)
        {
            return Task.CompletedTask;
        }
        TaskCompletionSource done = new();
        At(due, done.SetResult);
        return done.Task;
    }

    public Task DelayAsync(TimeSpan delay) => DelayUntilAsync(Now + delay);

    /// <summary>Runs until a task has ended, and throws what it threw.</summary>
    public void Run(Task until)
    {
        while (!until.IsCompleted)
        {
            Step();
        }
        until.GetAwaiter().GetResult();
    }

    public void Run(TimeSpan span) => Run(DelayAsync(span));

    void Step()
    {
        if (!_events.TryDequeue(out Action? act, out long key))
        {
            throw new InvalidOperationException("Nothing is left to happen.");
        }
        Now = s_origin.AddTicks(key >> OrderBits);
        act();
    }
}
