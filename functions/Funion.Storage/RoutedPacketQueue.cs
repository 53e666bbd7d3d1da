using Funion.Roles;

namespace Funion.Storage;

/// <summary>A node's queues at two brokers, by name.</summary>
/// <param name="some">The one for some queues.</param>
/// <param name="rest">The other.</param>
/// <param name="isSome">Which queues.</param>
public sealed class RoutedPacketQueue(PacketQueue some, PacketQueue rest, Func<string, bool> isSome) : PacketQueue
{
    /// <inheritdoc/>
    public override DateTimeOffset? NextVisible(string queue) => PortOf(queue).NextVisible(queue);

    /// <inheritdoc/>
    public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation) =>
        PortOf(queue).EnqueueAsync(queue, message, delay, cancellation);

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation) =>
        PortOf(queue).ReceiveAsync(queue, most, lease, cancellation);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return PortOf(delivery.Queue).CompleteAsync(delivery, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return PortOf(delivery.Queue).AbandonAsync(delivery, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => PortOf(queue).CountAsync(queue, cancellation);

    PacketQueue PortOf(string queue) => isSome(queue) ? some : rest;
}
