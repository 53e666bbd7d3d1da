using System.Collections.Concurrent;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A node's queues when one process does all of the node's work. Slot tokens stay in memory: they are drawn anew after a restart, and need no broker
/// while there is a process. What waits for a slot is only ever put there by this process, so an empty queue is not asked again before something was put
/// on it, or a lease may have ended, and what waits there is counted along. Everything else is the broker's.
/// </summary>
public sealed class OneProcessQueue : PacketQueue
{
    // As long as any lease that a process before this one may have left.
    static readonly TimeSpan s_recheck = TimeSpan.FromSeconds(60);

    readonly PacketQueue _inner;
    readonly MemoryPacketQueue _memory;
    readonly TimeProvider _time;
    readonly Func<string, bool> _isToken, _isOwn;
    readonly ConcurrentDictionary<string, DateTimeOffset> _emptyUntil = [], _busyUntil = [];
    readonly ConcurrentDictionary<string, (int Count, DateTimeOffset Until)> _counts = [];

    /// <summary>Wraps a broker's queues.</summary>
    /// <param name="inner">The broker.</param>
    /// <param name="isToken">Which queues stay in memory.</param>
    /// <param name="isOwn">Which queues only this process puts anything on.</param>
    /// <param name="time">Clock.</param>
    public OneProcessQueue(PacketQueue inner, Func<string, bool> isToken, Func<string, bool> isOwn, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _isToken = isToken;
        _isOwn = isOwn;
        _time = time;
        _memory = new MemoryPacketQueue(time);
        inner.Arrived += Ring;
        _memory.Arrived += Ring;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? NextVisible(string queue) => PortOf(queue).NextVisible(queue);

    /// <inheritdoc/>
    public override async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        await PortOf(queue).EnqueueAsync(queue, message, delay, cancellation);
        Busy(queue, _time.GetUtcNow() + delay);
        Count(queue, 1);
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        CheckReceive(most, lease);
        if (!_isOwn(queue))
        {
            return await PortOf(queue).ReceiveAsync(queue, most, lease, cancellation);
        }
        DateTimeOffset now = _time.GetUtcNow();
        if (_emptyUntil.TryGetValue(queue, out DateTimeOffset until) && now < until)
        {
            return [];
        }
        // Before the broker is asked: what is put there meanwhile takes the mark away again. While a delay or a lease runs, the broker is asked.
        if (now >= _busyUntil.GetValueOrDefault(queue))
        {
            _emptyUntil[queue] = now + s_recheck;
        }
        try
        {
            IReadOnlyList<Delivery> taken = await PortOf(queue).ReceiveAsync(queue, most, lease, cancellation);
            if (taken.Count > 0)
            {
                Busy(queue, now + lease);
            }
            return taken;
        }
        catch (PortUnavailableException)
        {
            _emptyUntil.TryRemove(queue, out _);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        await PortOf(delivery.Queue).CompleteAsync(delivery, cancellation);
        Count(delivery.Queue, -1);
    }

    /// <inheritdoc/>
    public override async ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        await PortOf(delivery.Queue).AbandonAsync(delivery, cancellation);
        Busy(delivery.Queue, _time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override async ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        if (!_isOwn(queue))
        {
            return await PortOf(queue).CountAsync(queue, cancellation);
        }
        DateTimeOffset now = _time.GetUtcNow();
        if (_counts.TryGetValue(queue, out (int Count, DateTimeOffset Until) known) && now < known.Until)
        {
            return known.Count;
        }
        // What a process before this one left, and whatever a lost lease made wrong since; until the next time it is counted along.
        int count = await PortOf(queue).CountAsync(queue, cancellation);
        _counts[queue] = (count, now + s_recheck);
        return count;
    }

    void Count(string queue, int more)
    {
        while (_counts.TryGetValue(queue, out (int Count, DateTimeOffset Until) known)
            && !_counts.TryUpdate(queue, known with { Count = Math.Max(0, known.Count + more) }, known))
        {
        }
    }

    /// <summary>Something is there, or will be.</summary>
    void Busy(string queue, DateTimeOffset until)
    {
        _busyUntil.AddOrUpdate(queue, until, (_, before) => before > until ? before : until);
        _emptyUntil.TryRemove(queue, out _);
    }

    PacketQueue PortOf(string queue) => _isToken(queue) ? _memory : _inner;
}
