using System.Collections.Concurrent;
using System.Security.Cryptography;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A <see cref="PacketQueue"/> in memory. Delays and leases are exact; every operation takes O(log n) and completes synchronously.
/// </summary>
public sealed class MemoryPacketQueue(TimeProvider time) : PacketQueue
{
    readonly ConcurrentDictionary<string, VisibilityHeap> _queues = new(StringComparer.Ordinal);

    // Another process, or this one after a restart, must not give an id again: a replay would pass for a redelivery.
    readonly string _idPrefix = RandomNumberGenerator.GetHexString(16, lowercase: true);
    long _lastId;

    /// <inheritdoc/>
    public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        StorageNames.CheckQueue(queue);
        CheckMessage(message, delay);
        cancellation.ThrowIfCancellationRequested();
        VisibilityHeap heap = _queues.GetOrAdd(queue, static _ => new());
        long visible = Now() + delay.Ticks;
        HeldMessage held = new(Interlocked.Increment(ref _lastId), message.ToArray()) { VisibleAt = visible, Since = visible };
        lock (heap)
        {
            heap.Add(held);
        }
        Ring(queue);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        StorageNames.CheckQueue(queue);
        CheckReceive(most, lease);
        cancellation.ThrowIfCancellationRequested();
        if (!_queues.TryGetValue(queue, out VisibilityHeap? heap))
        {
            return new([]);
        }
        long now = Now();
        lock (heap)
        {
            if (heap.First is not { } first || first.VisibleAt > now)
            {
                return new([]);
            }
            List<Delivery> taken = new(Math.Min(most, heap.Count));
            while (taken.Count < most && heap.First is { } next && next.VisibleAt <= now)
            {
                next.Attempt++;
                next.VisibleAt = now + lease.Ticks;
                heap.Moved(next);
                taken.Add(new Delivery(queue, $"{_idPrefix}{next.Number:x16}", next.Attempt.ToString(), next.Message, next.Attempt)
                {
                    Since = new DateTimeOffset(next.Since, TimeSpan.Zero),
                });
            }
            return new(taken);
        }
    }

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (_queues.TryGetValue(delivery.Queue, out VisibilityHeap? heap))
        {
            lock (heap)
            {
                if (Held(heap, delivery) is { } held)
                {
                    heap.Remove(held);
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        bool back = false;
        if (_queues.TryGetValue(delivery.Queue, out VisibilityHeap? heap))
        {
            lock (heap)
            {
                if (Held(heap, delivery) is { } held)
                {
                    held.VisibleAt = Now();
                    heap.Moved(held);
                    back = true;
                }
            }
        }
        if (back)
        {
            Ring(delivery.Queue);
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        StorageNames.CheckQueue(queue);
        if (!_queues.TryGetValue(queue, out VisibilityHeap? heap))
        {
            return new(0);
        }
        lock (heap)
        {
            return new(heap.Count);
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset? NextVisible(string queue)
    {
        StorageNames.CheckQueue(queue);
        if (!_queues.TryGetValue(queue, out VisibilityHeap? heap))
        {
            return DateTimeOffset.MaxValue;
        }
        lock (heap)
        {
            return heap.First is { } first ? new DateTimeOffset(first.VisibleAt, TimeSpan.Zero) : DateTimeOffset.MaxValue;
        }
    }

    long Now() => time.GetUtcNow().UtcTicks;

    HeldMessage? Held(VisibilityHeap heap, Delivery delivery)
    {
        ReadOnlySpan<char> id = delivery.Id;
        return id.StartsWith(_idPrefix, StringComparison.Ordinal)
            && long.TryParse(id[_idPrefix.Length..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out long number)
            && int.TryParse(delivery.Receipt, out int attempt)
            && heap.Find(number) is { } held && held.Attempt == attempt
            ? held
            : null;
    }
}
