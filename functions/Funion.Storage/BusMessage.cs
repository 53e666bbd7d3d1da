using Azure.Messaging.ServiceBus;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>A message of Service Bus as the ports see it: its id is the broker's sequence number, for a sender chooses the message id.</summary>
public static class BusMessage
{
    /// <summary>Reads a received message.</summary>
    public static Delivery Read(string queue, ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new Delivery(queue, ServiceBusPacketQueue.IdOf(message.SequenceNumber), message.LockToken, message.Body.ToMemory(), message.DeliveryCount)
        {
            Since = message.EnqueuedTime + Delivery.ClockAllowance,
        };
    }
}
