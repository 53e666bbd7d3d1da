using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>Queues that tell what is put on them, and lose what must not arrive.</summary>
sealed class Tap : PacketQueue
{
    readonly PacketQueue _inner;
    readonly Action<string, ReadOnlyMemory<byte>> _told;
    readonly Func<string, ReadOnlyMemory<byte>, bool>? _arrives;

    public Tap(PacketQueue inner, Action<string, ReadOnlyMemory<byte>> told, Func<string, ReadOnlyMemory<byte>, bool>? arrives = null)
    {
        _inner = inner;
        _told = told;
        _arrives = arrives;
        inner.Arrived += Ring;
    }

    public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
    {
        _told(queue, message);
        return _arrives?.Invoke(queue, message) ?? true ? _inner.EnqueueAsync(queue, message, delay, cancellation) : ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation) =>
        _inner.ReceiveAsync(queue, most, lease, cancellation);

    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation) => _inner.CompleteAsync(delivery, cancellation);

    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation) => _inner.AbandonAsync(delivery, cancellation);

    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => _inner.CountAsync(queue, cancellation);

    public override DateTimeOffset? NextVisible(string queue) => _inner.NextVisible(queue);
}
