using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Roles;

/// <summary>A node's queues where nothing waits for a slot: what goes to a link is handed over at once, reply slots stay unused.</summary>
sealed class UnpacedLinks(NetworkDocument document, Func<NodeId, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask> send, Action<TimeSpan>? answering = null) : PacketQueue
{
    public override async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        if (document.Replicas.FirstOrDefault(replica => queue == QueueNames.Link(replica) || queue == QueueNames.Answers(replica)) is { } replica)
        {
            await send(replica.Id, QueueNames.ReplicaIn, message, cancellation);
        }
        else if (document.Couriers.FirstOrDefault(courier => queue == QueueNames.Answers(courier)) is { } courier)
        {
            answering?.Invoke(delay);
            await send(courier.Id, QueueNames.CourierReplies, message, cancellation);
        }
    }

    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation) => new([]);

    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation) => default;

    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation) => default;

    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => new(0);
}
