using Funion.Mixing;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// How many packets a second a gateway takes from its clients, by what becomes of its own loops. Nobody tells it anything: a loop is a packet like any other, and
/// what it meets everybody's packets meet. Additive increase, multiplicative decrease, as of Chiu and Jain (1989), with what queues demand beside it:
/// <list type="bullet">
/// <item>Without a limit it takes half as many again as in the last ten seconds: what doubles does so over a while in which loops come back and tell.</item>
/// <item>A row of loops of which hardly any came back in time: a quarter of what it takes, for a backlog has to drain; half of that for another such row.</item>
/// <item>The first loop that left since and is in time: what it took, on average, from the row's beginning on was carried since. Nine tenths of that.</item>
/// <item>Each loop in time: an eightieth more, and a little for each, so that two gateways come to the same; at twice what is offered there is no limit any more.</item>
/// </list>
/// What is turned away is chosen by chance, packet by packet, with a chance that grows as the second's allowance runs out. Loops are never turned away.
/// <para>"Hardly any" of twenty is fewer than a third of those that pass one lying mix neither there nor back: none with two mixes a layer, fewer than three with four. One of two that drops
/// what it can makes such a row once in some 1,200 loops.</para>
/// </summary>
public sealed class Admission
{
    const int Row = 20, Clients = 16, Seconds = 128;
    const double RarestLoops = 0.15, Headroom = 1.5, FirstCut = 0.25, NextCut = 0.5, Resumed = 0.9, Growth = 0.0125, Fewest = 4, Most = 1e9;

    static readonly TimeSpan s_second = TimeSpan.FromSeconds(1), s_mean = TimeSpan.FromSeconds(10);

    readonly TimeProvider _time;
    readonly double _client, _fewest, _floor;
    readonly int _least;
    readonly bool _listens;
    readonly DateTimeOffset _began;
    readonly Lock _lock = new();
    readonly Queue<(bool InTime, DateTimeOffset Left)> _row = [];
    readonly Queue<(DateTimeOffset At, long Admitted)> _history = [];
    readonly DecayingRate _offered = new(s_mean), _mean = new(s_mean), _now = new(2 * s_second);
    double? _limit;
    double _tokens = double.MaxValue;
    DateTimeOffset _filled, _cut = DateTimeOffset.MinValue, _first, _remembered = DateTimeOffset.MinValue;
    bool _draining;
    long _admitted, _refused;
    AdmissionNews _news;

    /// <summary>Admits everything that does not come all at once, until loops say otherwise.</summary>
    public Admission(NetworkDocument document, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(time);
        Rates rates = document.Rates;
        _time = time;
        _began = _filled = time.GetUtcNow();
        // What is one client's question and its answer is never shut out, whatever else makes loops late, such as a busy machine; and a few clients may begin at once.
        _client = rates.ClientPerSecond + rates.ClientLoopPerSecond;
        double compute = rates.ComputePerSecond + rates.ClientLoopPerSecond;
        (_fewest, _floor) = (_client + compute, (Clients * _client) + compute);
        // Where loops are rarer a row of them is news of minutes ago, and late ones are as often a slow store's: a cut on it would come when it is over.
        _listens = rates.GatewayLoopPerSecond >= RarestLoops;
        double mixes = Enumerable.Range(1, 3).Min(layer => document.Mixes(layer).Count), honest = (mixes - 1) / mixes;
        _least = Math.Max(1, (int)(Row * honest * honest / 3));
        // A queue of a sixteenth of the slack, twice on the way, is the most that is borne; the rest is noise.
        Allowance = (document.Slack / 16) + (4 * document.Rates.MeanDelay);
    }

    /// <summary>How long after the sum of its delays a loop is in time.</summary>
    public TimeSpan Allowance { get; }

    /// <summary>Packets that were turned away.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Packets a second that are taken now at most.</summary>
    public double PerSecond
    {
        get
        {
            lock (_lock)
            {
                return RateAt(_time.GetUtcNow());
            }
        }
    }

    /// <summary>What other processes of this node should know.</summary>
    internal AdmissionNews News
    {
        get
        {
            lock (_lock)
            {
                return _news;
            }
        }
    }

    /// <summary>Whether to take one packet from a client.</summary>
    public bool Admits(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            double rate = Math.Min(Most, RateAt(now)), depth = Math.Max(Fewest, rate);
            _tokens = Math.Min(depth, _tokens + (Math.Max(0, (now - _filled).TotalSeconds) * rate));
            _filled = now;
            _offered.Add(now);
            if (_tokens < 1 || (2 * _tokens < depth && random.NextDouble() >= 2 * _tokens / depth))
            {
                Interlocked.Increment(ref _refused);
                return false;
            }
            _tokens--;
            _mean.Add(now);
            _now.Add(now);
            _admitted++;
            Remember(now);
            return true;
        }
    }

    /// <summary>One of this node's own loops came back in time, or not.</summary>
    /// <param name="inTime">Whether it was back within its delays and the <see cref="Allowance"/>.</param>
    /// <param name="left">When it left.</param>
    public void Judge(bool inTime, DateTimeOffset left)
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (inTime)
            {
                _news = _news with { InTime = _news.InTime + 1, LastLeft = left };
                InTime(1, left, now);
            }
            if (left <= _cut || !_listens)
            {
                // It met what was there before the last change.
                return;
            }
            _row.Enqueue((inTime, left));
            if (_row.Count > Row)
            {
                _row.Dequeue();
            }
            if (_row.Count == Row && _row.Count(loop => loop.InTime) < _least)
            {
                DateTimeOffset first = _row.Min(loop => loop.Left);
                _news = _news with { FullFirst = first, Full = now };
                Full(first, now);
            }
        }
    }

    /// <summary>Another process of this node met or missed loops, since it last said so.</summary>
    internal void Hear(AdmissionNews before, AdmissionNews news)
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (news.Full > before.Full && news.Full > _cut && now - news.Full < 2 * s_mean)
            {
                Full(news.FullFirst, now);
            }
            if (news.InTime > before.InTime)
            {
                InTime((int)Math.Min(news.InTime - before.InTime, Row), news.LastLeft, now);
            }
        }
    }

    void Full(DateTimeOffset first, DateTimeOffset now)
    {
        if (_draining)
        {
            _limit = Math.Max(_fewest, NextCut * _limit!.Value);
        }
        else
        {
            _limit = Math.Max(_fewest, FirstCut * _now.At(now));
            (_draining, _first) = (true, first);
        }
        (_cut, _tokens) = (now, Math.Min(_tokens, _limit.Value));
        _row.Clear();
    }

    void InTime(int loops, DateTimeOffset left, DateTimeOffset now)
    {
        if (_limit is not { } limit)
        {
            return;
        }
        if (!_draining)
        {
            limit = (limit * Math.Pow(1 + Growth, loops)) + (loops * Growth * _client);
            _limit = limit > 2 * _offered.At(now) ? null : limit;
        }
        else if (left > _cut)
        {
            double carried = (_admitted - AdmittedAt(_first)) / Math.Max(1, (now - _first).TotalSeconds);
            (_draining, _cut, _limit) = (false, now, Math.Max(_fewest, Resumed * carried));
            _row.Clear();
        }
    }

    double RateAt(DateTimeOffset now)
    {
        if (_limit is { } limit)
        {
            return limit;
        }
        // Who begins has to find out first how much there is.
        TimeSpan age = now - _began;
        return age < s_mean ? double.PositiveInfinity : Math.Max(_floor, Headroom * _mean.At(now) / (1 - Math.Exp(-(age / s_mean))));
    }

    void Remember(DateTimeOffset now)
    {
        if (now - _remembered >= s_second)
        {
            _remembered = now;
            _history.Enqueue((now, _admitted));
            if (_history.Count > Seconds)
            {
                _history.Dequeue();
            }
        }
    }

    long AdmittedAt(DateTimeOffset at) =>
        _history.Where(entry => entry.At <= at).Select(entry => (long?)entry.Admitted).LastOrDefault() ?? (_history.Count == 0 ? _admitted : _history.Peek().Admitted);
}
