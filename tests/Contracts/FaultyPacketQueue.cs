using Funion.Roles;

namespace Funion.Contracts;

/// <summary>Queues that fail as planned.</summary>
public sealed class FaultyPacketQueue : PacketQueue
{
    readonly PacketQueue _inner;
    readonly FaultPlan _plan;

    public FaultyPacketQueue(PacketQueue inner, FaultPlan plan)
    {
        _inner = inner;
        _plan = plan;
        inner.Arrived += Ring;
    }

    public override DateTimeOffset? NextVisible(string queue) => _inner.NextVisible(queue);

    public override async ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation) =>
        await RunAsync($"enqueue {queue}", () => _inner.EnqueueAsync(queue, message, delay, cancellation));

    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation) =>
        _plan.RunAsync(() => _inner.ReceiveAsync(queue, most, lease, cancellation), $"receive {queue}");

    public override async ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation) =>
        await RunAsync($"complete {delivery.Queue}", () => _inner.CompleteAsync(delivery, cancellation));

    public override async ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation) =>
        await RunAsync($"abandon {delivery.Queue}", () => _inner.AbandonAsync(delivery, cancellation));

    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) =>
        _plan.RunAsync(() => _inner.CountAsync(queue, cancellation), $"count {queue}");

    ValueTask<bool> RunAsync(string name, Func<ValueTask> operation) => _plan.RunAsync(
        async () =>
        {
            await operation();
            return true;
        }, name);
}
