namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// Virtual time: what is to happen, in order of its time, on one thread. What falls on one instant happens in the order in which it was planned; times are
/// in ticks and delays are drawn, so that practically nothing does.
/// </summary>
sealed class EventQueue
{
    readonly PriorityQueue<Action, (long Ticks, long Order)> _events = new();
    long _order;

    /// <summary>The time.</summary>
    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The time in seconds since the beginning.</summary>
    public double Seconds => (Now - s_origin).TotalSeconds;

    static readonly DateTimeOffset s_origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Seconds since the beginning of a time.</summary>
    public static double SecondsOf(DateTimeOffset time) => (time - s_origin).TotalSeconds;

    public void At(DateTimeOffset due, Action act)
    {
        if (due != DateTimeOffset.MaxValue)
        {
            _events.Enqueue(act, ((due > Now ? due : Now).UtcTicks, _order++));
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
        if (!_events.TryDequeue(out Action? act, out (long Ticks, long Order) key))
        {
            throw new InvalidOperationException("Nothing is left to happen.");
        }
        Now = new DateTimeOffset(key.Ticks, TimeSpan.Zero);
        act();
    }
}
