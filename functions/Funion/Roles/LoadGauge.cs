using Funion.Mixing;

namespace Funion.Roles;

/// <summary>
/// How late a gateway's part of the network is, by its own releases and by its own loops, and how much of what clients send it turns away for that:
/// nothing up to a quarter of the slack per hop, everything from half of it on. A mix that falls behind by the whole slack drops packets, so the way in is
/// narrowed before. What is turned away is chosen by chance and told at once. Of loops that come back it is the median of the last nine that counts, and never
/// for more than closing needs: one hop that holds some of them back for hours closes nothing. Where hardly any comes back there is no median to speak of: then
/// the best of the last twelve counts, lost ones among them. A layer that is full spoils all; a mix that drops what it can leaves those that did not pass it: of
/// two in a layer that is a quarter of the loops, and one in thirty rows of twelve has none of them.
/// </summary>
/// <param name="slack">How far overdue a packet may be at a hop before it is dropped.</param>
/// <param name="time">Clock.</param>
public sealed class LoadGauge(TimeSpan slack, TimeProvider time)
{
    const int Loops = 9, FewestLoops = 5, Row = 12;

    readonly Lock _lock = new();
    readonly Queue<TimeSpan> _loops = [], _row = [];
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

    /// <summary>A loop was so late at one hop of its way.</summary>
    public void ReportLoop(TimeSpan lateness)
    {
        TimeSpan[] late;
        lock (_lock)
        {
            _loops.Enqueue(lateness);
            if (_loops.Count > Loops)
            {
                _loops.Dequeue();
            }
            late = [.. _loops];
        }
        if (late.Length >= FewestLoops)
        {
            Array.Sort(late);
            Report(late[late.Length / 2]);
        }
        Best(lateness);
    }

    /// <summary>A loop did not come back in time.</summary>
    public void ReportLost() => Best(slack / 2);

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

    void Best(TimeSpan lateness)
    {
        TimeSpan best;
        lock (_lock)
        {
            _row.Enqueue(lateness);
            if (_row.Count > Row)
            {
                _row.Dequeue();
            }
            best = _row.Count == Row ? _row.Min() : TimeSpan.Zero;
        }
        Report(best);
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
