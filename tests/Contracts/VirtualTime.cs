namespace Funion.Contracts;

/// <summary>A clock that stands still until it is moved; its timers fire at their own times while it moves, on the thread that moves it.</summary>
public sealed class VirtualTime : TimeProvider
{
    readonly Lock _lock = new();
    readonly List<VirtualTimer> _timers = [];
    long _ticks = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that have not fired: what a test waits for before it moves on.</summary>
    public int Timers
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        VirtualTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long end = GetTimestamp() + by.Ticks;
        while (NextBefore(end) is { } timer)
        {
            timer.Fire();
        }
        Interlocked.Exchange(ref _ticks, Math.Max(end, GetTimestamp()));
    }

    public void AdvanceTo(DateTimeOffset to) => Advance(to - GetUtcNow());

    /// <summary>Takes the first timer that is due by then, and moves the clock to it.</summary>
    VirtualTimer? NextBefore(long end)
    {
        lock (_lock)
        {
            VirtualTimer? first = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (first is not null)
            {
                _timers.Remove(first);
                Interlocked.Exchange(ref _ticks, Math.Max(first.Due, GetTimestamp()));
            }
            return first;
        }
    }

    sealed class VirtualTimer(VirtualTime time, Action fire) : ITimer
    {
        TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long Due { get; private set; }

        public void Fire()
        {
            if (_period != Timeout.InfiniteTimeSpan && _period != TimeSpan.Zero)
            {
                Change(_period, _period);
            }
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time.GetTimestamp() + dueTime.Ticks;
                    time._timers.Add(this);
                }
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
