using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A <see cref="PacketQueue"/> on Azure Service Bus: a queue <c>prefix-name</c>, messages as they are, delays to the millisecond as scheduled messages, leases as
/// locks that are renewed. The broker's SequenceNumber is the delivery's id, for a MessageId is the sender's to choose, and its DeliveryCount the attempt.
/// <para>
/// A queue does <b>not</b> come into being with its first message: whoever deploys makes it (the data plane cannot), and every operation on one that
/// is not there throws <see cref="PortUnavailableException"/>. It has no sessions, 2,000 as its greatest delivery count and no dead-lettering of what
/// expired: messages in a dead-letter queue would be kept. A process that dies holds its messages until the lock ends, whatever lease was left. An attempt is also
/// counted when a process put a message by and then stopped asking for any.
/// </para>
/// </summary>
public sealed class ServiceBusPacketQueue : PacketQueue, IAsyncDisposable
{
    /// <summary>What <see cref="CountAsync"/> counts up to: it looks at the messages themselves, for counting them takes the right to manage the namespace.</summary>
    public const int MostCounted = 100;

    readonly ServiceBusClient _client;
    readonly string _prefix;
    readonly TimeSpan _timeToLive;
    readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, ServiceBusInbox> _inboxes = new(StringComparer.Ordinal);
    bool _disposed;

    /// <param name="client">From <see cref="ServiceBusNamespace"/>, or made with its options; the caller's to dispose.</param>
    /// <param name="prefix">What the node's queues begin with: at most 24 lower-case letters, digits and single hyphens.</param>
    /// <param name="timeToLive">After which the broker deletes a visible message unread; 2 hours when not given. A queue's own limit may be shorter.</param>
    public ServiceBusPacketQueue(ServiceBusClient client, string prefix, TimeSpan? timeToLive = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _prefix = StorageNames.CheckPrefix(prefix);
        _timeToLive = timeToLive ?? TimeSpan.FromHours(2);
        ArgumentOutOfRangeException.ThrowIfLessThan(_timeToLive, TimeSpan.FromSeconds(1), nameof(timeToLive));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_timeToLive, TimeSpan.FromDays(7), nameof(timeToLive));
    }

    /// <summary>The <see cref="Delivery.Id"/> of a message, for those who are handed it by a trigger: a delivery has one id whoever takes it.</summary>
    public static string IdOf(long sequenceNumber) => sequenceNumber.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        ServiceBusSender sender = Sender(queue);
        CheckMessage(message, delay);
        // Gone again when this method returns: the client ties what it tells its listeners to the Activity that it finds.
        Activity.Current = null;
        try
        {
            await sender.SendMessagesAsync(new UntracedMessage(message, delay, _timeToLive), cancellation);
        }
        catch (Exception e) when (ServiceBusFailure.Is(e, cancellation))
        {
            throw ServiceBusFailure.Unavailable(e);
        }
        Arrive(queue, delay);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Waits for a tenth of a second when the broker may have something that is not here yet; for longer only while a connection is made. Says so about a
    /// second late when the broker goes away: until then there is nothing to be had.
    /// </remarks>
    public override async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        ServiceBusInbox inbox = Inbox(queue);
        CheckReceive(most, lease);
        try
        {
            IReadOnlyList<LockedMessage> taken = await inbox.TakeAsync(most, lease, cancellation);
            return [.. taken.Select(held => Delivered(queue, held))];
        }
        catch (Exception e) when (ServiceBusFailure.Is(e, cancellation))
        {
            throw ServiceBusFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (Find(delivery) is { } held)
        {
            try
            {
                await held.CompleteAsync(cancellation);
            }
            catch (Exception e) when (ServiceBusFailure.Is(e, cancellation))
            {
                throw ServiceBusFailure.Unavailable(e);
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (Find(delivery) is not { } held)
        {
            return;
        }
        try
        {
            if (!await held.AbandonAsync(cancellation))
            {
                return;
            }
        }
        catch (Exception e) when (ServiceBusFailure.Is(e, cancellation))
        {
            throw ServiceBusFailure.Unavailable(e);
        }
        Arrive(delivery.Queue, TimeSpan.Zero);
    }

    /// <summary>About how many messages wait, visible or not, up to <see cref="MostCounted"/>. Every message that is counted is sent here: not for often.</summary>
    public override async ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        ServiceBusInbox inbox = Inbox(queue);
        try
        {
            return await inbox.CountAsync(MostCounted, cancellation);
        }
        catch (Exception e) when (ServiceBusFailure.Is(e, cancellation))
        {
            throw ServiceBusFailure.Unavailable(e);
        }
    }

    /// <summary>Gives back what was put by but not taken. What was taken comes again when the queue's lock on it ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await Task.WhenAll(_inboxes.Values.Select(inbox => inbox.DisposeAsync().AsTask()));
        foreach (ServiceBusSender sender in _senders.Values)
        {
            await sender.DisposeAsync();
        }
        _inboxes.Clear();
        _senders.Clear();
    }

    static Delivery Delivered(string queue, LockedMessage held)
    {
        ServiceBusReceivedMessage message = held.Message;
        return new Delivery(queue, IdOf(message.SequenceNumber), held.Receipt, message.Body.ToMemory(), message.DeliveryCount) { Since = message.EnqueuedTime + Delivery.ClockAllowance };
    }

    LockedMessage? Find(Delivery delivery)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _inboxes.TryGetValue(delivery.Queue, out ServiceBusInbox? inbox) ? inbox.Find(delivery.Receipt) : null;
    }

    void Arrive(string queue, TimeSpan delay)
    {
        if (delay == TimeSpan.Zero && _inboxes.TryGetValue(queue, out ServiceBusInbox? inbox))
        {
            inbox.Touch();
        }
        Ring(queue);
    }

    ServiceBusSender Sender(string queue)
    {
        StorageNames.CheckQueue(queue);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _senders.GetOrAdd(queue, static (name, self) => self._client.CreateSender($"{self._prefix}-{name}"), this);
    }

    ServiceBusInbox Inbox(string queue)
    {
        StorageNames.CheckQueue(queue);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _inboxes.GetOrAdd(
            queue,
            // Nothing is prefetched: what comes is what was asked for.
            static (name, self) => new ServiceBusInbox(self._client.CreateReceiver($"{self._prefix}-{name}", new ServiceBusReceiverOptions { PrefetchCount = 0 })),
            this);
    }
}
