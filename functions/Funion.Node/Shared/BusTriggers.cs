using Azure.Messaging.ServiceBus;
using Funion.Network;
using Funion.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Hosting.Cloud;

/// <summary>
/// Service Bus queues' triggers, where the node's packets go that way; they take batches. Each message of a batch is settled for itself: finished or
/// given back, and never moved to the dead letters, which would keep what must not be kept.
/// </summary>
public sealed class BusTriggers(NodeHost host)
{
    const string Connection = "ServiceBus";

    /// <summary>What others send.</summary>
    [Function("ReceiveBus")]
    public Task ReceiveAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-in", Connection = Connection, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.In(host.Settings.Role), messages, actions, cancellation);

    /// <summary>What this node holds until it is due.</summary>
    [Function("ReleaseBus")]
    public Task ReleaseAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-out", Connection = Connection, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Out(host.Settings.Role), messages, actions, cancellation);

    /// <summary>Slots.</summary>
    [Function("SlotsBus")]
    public Task SlotsAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.Slots, Connection = Connection, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Slots, messages, actions, cancellation);

    /// <summary>What replicas answer a courier.</summary>
    [Function("RepliesBus")]
    public Task RepliesAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.CourierReplies, Connection = Connection, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.CourierReplies, messages, actions, cancellation);

    /// <summary>Steps of copies.</summary>
    [Function("CopiesBus")]
    public Task CopiesAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.Copies, Connection = Connection, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Copies, messages, actions, cancellation);

    Task TakeAsync(string queue, ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        Task.WhenAll(messages.Select(async message =>
        {
            bool finished = false;
            try
            {
                finished = await host.HandleAsync(BusMessage.Read(queue, message), cancellation);
            }
            finally
            {
                await (finished
                    ? actions.CompleteMessageAsync(message, CancellationToken.None)
                    : actions.AbandonMessageAsync(message, cancellationToken: CancellationToken.None));
            }
        }));
}
