using Azure.Storage.Queues.Models;
using Funion.Network;
using Funion.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Hosting.Cloud;

/// <summary>
/// Storage queues' triggers. One function serves every role, for a queue's name follows from the node's prefix and role. A message that must come again
/// is thrown back to the host, which shows it again after <c>visibilityTimeout</c>.
/// </summary>
public sealed class QueueTriggers(NodeHost host)
{
    /// <summary>What others send.</summary>
    [Function("Receive")]
    public Task ReceiveAsync(
        [QueueTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-in", Connection = AzureEnvironment.Connection)] QueueMessage message, CancellationToken cancellation) =>
        TakeAsync(QueueNames.In(host.Settings.Role), message, cancellation);

    /// <summary>What this node holds until it is due.</summary>
    [Function("Release")]
    public Task ReleaseAsync(
        [QueueTrigger("%FUNION_PREFIX%-%FUNION_ROLE%-out", Connection = AzureEnvironment.Connection)] QueueMessage message, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Out(host.Settings.Role), message, cancellation);

    /// <summary>A slot.</summary>
    [Function("Slots")]
    public Task SlotAsync(
        [QueueTrigger("%FUNION_PREFIX%-" + QueueNames.Slots, Connection = AzureEnvironment.Connection)] QueueMessage message, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Slots, message, cancellation);

    /// <summary>What replicas answer a courier.</summary>
    [Function("Replies")]
    public Task ReplyAsync(
        [QueueTrigger("%FUNION_PREFIX%-" + QueueNames.CourierReplies, Connection = AzureEnvironment.Connection)] QueueMessage message, CancellationToken cancellation) =>
        TakeAsync(QueueNames.CourierReplies, message, cancellation);

    /// <summary>A step of a copy.</summary>
    [Function("Copies")]
    public Task CopyAsync(
        [QueueTrigger("%FUNION_PREFIX%-" + QueueNames.Copies, Connection = AzureEnvironment.Connection)] QueueMessage message, CancellationToken cancellation) =>
        TakeAsync(QueueNames.Copies, message, cancellation);

    async Task TakeAsync(string queue, QueueMessage message, CancellationToken cancellation)
    {
        // What a stranger spoiled is finished: it would come again for ever.
        if (StorageMessage.TryRead(queue, message) is { } delivery && !await host.HandleAsync(delivery, cancellation))
        {
            throw new MessageUnfinishedException();
        }
    }
}
