using Azure.Messaging.ServiceBus;
using Funion.Network;
using Funion.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Hosting.Cloud;

/// <summary>
/// Service Bus queues' triggers, where the node's packets go that way. Messages one by one: the host runs one batch of a function at a time, and a message
/// that waits until it is due would hold up all others. Each is finished or given back, and never moved to the dead letters, which would keep what must not
/// be kept.
/// </summary>
public sealed class BusTriggers(NodeHost host)
{
    const string Connection = "ServiceBus";

    static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    /// <summary>What others send.</summary>
    [Function("ReceiveBus")]
    public Task ReceiveAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-in", Connection = Connection, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.In(host.Settings.Role), message, actions, cancellation);

    /// <summary>What this node holds until it is due.</summary>
    [Function("ReleaseBus")]
    public Task ReleaseAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-out", Connection = Connection, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Out(host.Settings.Role), message, actions, cancellation);

    /// <summary>Slots.</summary>
    [Function("SlotsBus")]
    public Task SlotsAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.Slots, Connection = Connection, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Slots, message, actions, cancellation);

    /// <summary>What replicas answer a courier.</summary>
    [Function("RepliesBus")]
    public Task RepliesAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.CourierReplies, Connection = Connection, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.CourierReplies, message, actions, cancellation);

    /// <summary>Steps of copies.</summary>
    [Function("CopiesBus")]
    public Task CopiesAsync(
        [ServiceBusTrigger("%FUNION_PREFIX%-" + QueueNames.Copies, Connection = Connection, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Copies, message, actions, cancellation);

    async Task TakeAsync(string queue, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation)
    {
        bool finished = false;
        try
        {
            finished = await host.HandleAsync(BusMessage.Read(queue, message), cancellation);
            if (!finished)
            {
                // Given back it comes again at once: an outage must not use up its attempts.
                await Task.Delay(s_again, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await (finished
                ? actions.CompleteMessageAsync(message, CancellationToken.None)
                : actions.AbandonMessageAsync(message, cancellationToken: CancellationToken.None));
        }
    }
}
