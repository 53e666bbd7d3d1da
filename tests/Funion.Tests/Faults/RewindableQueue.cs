using System.Collections.Immutable;
using System.Globalization;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Faults;

/// <summary>Queues whose whole state is one immutable value. A receipt names the end of its lease: a later delivery makes it void.</summary>
sealed class RewindableQueue(TimeProvider time) : PacketQueue
{
    static readonly ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage> s_empty =
        ImmutableSortedDictionary.Create<(long VisibleAt, long Number), QueuedMessage>();

    readonly string _id = Guid.NewGuid().ToString("n");
    readonly Lock _lock = new();
    long _last;

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage>> State { get; set; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage>>(StringComparer.Ordinal);

    /// <summary>Told of a message before it is first delivered.</summary>
    public event Action<string, ReadOnlyMemory<byte>>? Taking;

    /// <summary>Takes a message away before it is put on a queue.</summary>
    public Func<string, ReadOnlyMemory<byte>, bool>? Diverts { get; init; }

    public IEnumerable<ReadOnlyMemory<byte>> Messages(string queue) => Of(queue).Values.Select(message => (ReadOnlyMemory<byte>)message.Bytes);

    public override DateTimeOffset? NextVisible(string queue) =>
        Of(queue) is { IsEmpty: false } messages ? new DateTimeOffset(messages.First().Key.VisibleAt, TimeSpan.Zero) : DateTimeOffset.MaxValue;

    public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        StorageNames.CheckQueue(queue);
        CheckMessage(message, delay);
        cancellation.ThrowIfCancellationRequested();
        if (Diverts?.Invoke(queue, message) == true)
        {
            return ValueTask.CompletedTask;
        }
        lock (_lock)
        {
            Set(queue, Of(queue).Add((Now() + delay.Ticks, ++_last), new QueuedMessage(message.ToArray(), 0)));
        }
        Ring(queue);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        StorageNames.CheckQueue(queue);
        CheckReceive(most, lease);
        cancellation.ThrowIfCancellationRequested();
        List<Delivery> taken = [];
        long now = Now();
        lock (_lock)
        {
            foreach (((long visibleAt, long number), QueuedMessage message) in Of(queue).TakeWhile(message => message.Key.VisibleAt <= now).Take(most))
            {
                if (message.Attempt == 0)
                {
                    Taking?.Invoke(queue, message.Bytes);
                }
                QueuedMessage again = message with { Attempt = message.Attempt + 1 };
                Set(queue, Of(queue).Remove((visibleAt, number)).Add((now + lease.Ticks, number), again));
                taken.Add(new Delivery(queue, $"{_id}{number}", $"{now + lease.Ticks}/{number}/{again.Attempt}", message.Bytes, again.Attempt));
            }
        }
        return new(taken);
    }

    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        lock (_lock)
        {
            if (Held(delivery))
            {
                Set(delivery.Queue, Of(delivery.Queue).Remove(Key(delivery)));
            }
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        lock (_lock)
        {
            if (!Held(delivery))
            {
                return ValueTask.CompletedTask;
            }
            QueuedMessage message = Of(delivery.Queue)[Key(delivery)];
            Set(delivery.Queue, Of(delivery.Queue).Remove(Key(delivery)).Add((Now(), Key(delivery).Number), message));
        }
        Ring(delivery.Queue);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => new(Of(queue).Count);

    static (long VisibleAt, long Number) Key(Delivery delivery)
    {
        string[] parts = delivery.Receipt.Split('/');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    bool Held(Delivery delivery) => Of(delivery.Queue).GetValueOrDefault(Key(delivery))?.Attempt == delivery.Attempt;

    long Now() => time.GetUtcNow().UtcTicks;

    ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage> Of(string queue) => State.GetValueOrDefault(queue, s_empty);

    void Set(string queue, ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage> messages) =>
        State = messages.IsEmpty ? State.Remove(queue) : State.SetItem(queue, messages);
}
