using Funion.Mixing;

namespace Funion.Roles;

/// <summary>
/// How late a gateway is itself, by its own releases, and how much of what clients send it turns away for that: nothing up to a quarter of the slack,
/// everything from half of it on. What it is later with than the slack it would drop, so the way in is narrowed before. What is turned away is chosen by chance
/// and told at once. How late the network behind it is, is <see cref="Admission"/>'s.
/// </summary>
/// <param name="slack">How far overdue a packet may be at a hop before it is dropped.</param>
/// <param name="time">Clock.</param>
public sealed class LoadGauge(TimeSpan slack, TimeProvider time)
{
    readonly Lock _lock = new();
    TimeSpan _lateness;
    DateTimeOffset _at = DateTimeOffset.MinValue;
    long _shed;

    /// <summary>Packets that were turned away.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>How late a hop is: the worst that was reported, halved for every quarter of the slack that has passed since.</summary>
    public TimeSpan Lateness
    {
        get
        {
            lock (_lock)
            {
                return LatenessAt(time.GetUtcNow());
            }
        }
    }

    /// <summary>Something of this node's own was so late.</summary>
    public void Report(TimeSpan lateness) => Report(lateness, time.GetUtcNow());

    /// <summary>Something of this node's own was so late at a time.</summary>
    internal void Report(TimeSpan lateness, DateTimeOffset at)
    {
        lateness = lateness < slack / 2 ? lateness : slack / 2;
        lock (_lock)
        {
            // A clock that is ahead must not keep a gateway closed.
            DateTimeOffset now = time.GetUtcNow(), when = at < now ? at : now;
            if (Decayed(lateness, when, now) > LatenessAt(now))
            {
                (_lateness, _at) = (lateness, when);
            }
        }
    }

    /// <summary>The worst that counts, and when it was reported.</summary>
    internal (TimeSpan Lateness, DateTimeOffset At) Worst
    {
        get
        {
            lock (_lock)
            {
                return (_lateness, _at);
            }
        }
    }

    /// <summary>Whether to turn one packet away.</summary>
    public bool Sheds(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double part = (Lateness - (slack / 4)) / (slack / 4);
        if (part <= 0 || random.NextDouble() >= part)
        {
            return false;
        }
        Interlocked.Increment(ref _shed);
        return true;
    }

    TimeSpan LatenessAt(DateTimeOffset now) => Decayed(_lateness, _at, now);

    TimeSpan Decayed(TimeSpan lateness, DateTimeOffset at, DateTimeOffset now) => lateness * Math.Pow(0.5, Math.Max(0, 4 * (now - at) / slack));
}
