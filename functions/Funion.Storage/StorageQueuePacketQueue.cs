using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A <see cref="PacketQueue"/> on Azure Queue Storage: a queue <c>prefix-name</c>, made with its first message; messages in base64;
/// delays in whole seconds, rounded down, leases rounded up; the broker's MessageId is the delivery's id and its DequeueCount the attempt.
/// </summary>
public sealed class StorageQueuePacketQueue : PacketQueue
{
    readonly QueueServiceClient _service;
    readonly string _prefix;
    readonly TimeSpan _timeToLive;
    readonly ConcurrentDictionary<string, QueueClient> _queues = new(StringComparer.Ordinal);

    /// <param name="service">From <see cref="StorageClients"/>, or made with its options. Its message encoding stays None: the bytes are encoded
    /// here, because the SDK's decoder throws out of a whole batch for one message that a stranger spoiled.</param>
    /// <param name="prefix">What the node's queues begin with: at most 24 lower-case letters, digits and single hyphens.</param>
    /// <param name="timeToLive">After which the broker deletes a message unread; 2 hours when not given. A delay must be shorter.</param>
    public StorageQueuePacketQueue(QueueServiceClient service, string prefix, TimeSpan? timeToLive = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        _service = service;
        _prefix = StorageNames.CheckPrefix(prefix);
        _timeToLive = timeToLive ?? TimeSpan.FromHours(2);
        ArgumentOutOfRangeException.ThrowIfLessThan(_timeToLive, TimeSpan.FromSeconds(1), nameof(timeToLive));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_timeToLive, TimeSpan.FromDays(7), nameof(timeToLive));
    }

    /// <inheritdoc/>
    public override async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        QueueClient client = Queue(queue);
        CheckMessage(message, delay);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(delay, _timeToLive);
        string text = Convert.ToBase64String(message.Span);
        TimeSpan? hidden = delay < TimeSpan.FromSeconds(1) ? null : TimeSpan.FromSeconds(Math.Floor(delay.TotalSeconds));
        try
        {
            try
            {
                await client.SendMessageAsync(text, hidden, _timeToLive, cancellation);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                await client.CreateIfNotExistsAsync(cancellationToken: cancellation);
                await client.SendMessageAsync(text, hidden, _timeToLive, cancellation);
            }
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
        Ring(queue);
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation)
    {
        QueueClient client = Queue(queue);
        CheckReceive(most, lease);
        try
        {
            TimeSpan hidden = TimeSpan.FromSeconds(Math.Ceiling(lease.TotalSeconds));
            Response<QueueMessage[]> received = await client.ReceiveMessagesAsync(most, hidden, cancellation);
            List<Delivery> taken = new(received.Value.Length);
            foreach (QueueMessage message in received.Value)
            {
                if (StorageMessage.TryRead(queue, message) is { } delivery)
                {
                    taken.Add(delivery);
                }
                else
                {
                    // None of ours; it would come again for ever.
                    await client.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellation);
                }
            }
            return taken;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return [];
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        try
        {
            await Queue(delivery.Queue).DeleteMessageAsync(delivery.Id, delivery.Receipt, cancellation);
        }
        catch (RequestFailedException e) when (IsLeaseLost(e))
        {
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        try
        {
            // No text: the message keeps its own.
            await Queue(delivery.Queue).UpdateMessageAsync(delivery.Id, delivery.Receipt, (string?)null, TimeSpan.Zero, cancellation);
        }
        catch (RequestFailedException e) when (IsLeaseLost(e))
        {
            return;
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
        Ring(delivery.Queue);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        QueueClient client = Queue(queue);
        try
        {
            Response<QueueProperties> properties = await client.GetPropertiesAsync(cancellation);
            return properties.Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    QueueClient Queue(string queue)
    {
        StorageNames.CheckQueue(queue);
        return _queues.GetOrAdd(queue, static (name, self) => self._service.GetQueueClient($"{self._prefix}-{name}"), this);
    }

    static bool IsLeaseLost(RequestFailedException e) =>
        e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch || e.ErrorCode == QueueErrorCode.MessageNotFound;
}
