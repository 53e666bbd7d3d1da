using Funion.Roles;

namespace Funion.Cli.Benches;

/// <summary>
/// A node's queues, of which one gives so many messages a second and no more: a node on a machine of its own, with as much to do as that takes. What runs on
/// one machine with its clients shows otherwise only how these starve.
/// </summary>
sealed class LimitedQueue : PacketQueue
{
    readonly PacketQueue _inner;
    readonly string _queue;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    double _tokens;
    DateTimeOffset _filled;

    /// <summary>Limits one queue.</summary>
    public LimitedQueue(PacketQueue inner, string queue, double perSecond, TimeProvider time)
    {
        (_inner, _queue, PerSecond, _time, _filled) = (inner, queue, perSecond, time, time.GetUtcNow());
        inner.Arrived += Ring;
    }

    /// <summary>Messages a second.</summary>
    public double PerSecond { get; set; }

    TimeSpan One => TimeSpan.FromSeconds(1 / PerSecond);

    public override DateTimeOffset? NextVisible(string queue)
    {
        DateTimeOffset? next = _inner.NextVisible(queue);
        if (queue != _queue || next is not { } visible)
        {
            return next;
        }
        DateTimeOffset free = _time.GetUtcNow() + (Tokens() >= 1 ? TimeSpan.Zero : One);
        return visible > free ? visible : free;
    }

    public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation) =>
        _inner.EnqueueAsync(queue, message, delay, cancellation);

    public override async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        if (queue != _queue)
        {
            return await _inner.ReceiveAsync(queue, most, lease, cancellation);
        }
        int allowed = (int)Math.Min(most, Tokens());
        if (allowed < 1)
        {
            return [];
        }
        IReadOnlyList<Delivery> taken = await _inner.ReceiveAsync(queue, allowed, lease, cancellation);
        lock (_lock)
        {
            _tokens -= taken.Count;
        }
        return taken;
    }

    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation) => _inner.CompleteAsync(delivery, cancellation);

    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation) => _inner.AbandonAsync(delivery, cancellation);

    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => _inner.CountAsync(queue, cancellation);

    double Tokens()
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            // What was not used in a tenth of a second is lost, as time is.
            _tokens = Math.Min(Math.Max(1, PerSecond / 10), _tokens + ((now - _filled).TotalSeconds * PerSecond));
            _filled = now;
            return _tokens;
        }
    }
}
