namespace Funion.Roles;

/// <summary>
/// One of the two ports: the queues of one node. At-least-once, unordered. A queue comes into being with its first message.
/// Throws <see cref="PortUnavailableException"/> when the broker cannot be reached.
/// </summary>
public abstract class PacketQueue
{
    /// <summary>Adds a message that becomes visible after <paramref name="delay"/> (rounded down to what the broker can do, never up).</summary>
    public abstract ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation);

    /// <summary>Takes up to <paramref name="most"/> (1 to 32) visible messages under a lease. Empty when there are none; never waits.</summary>
    public abstract ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation);

    /// <summary>Removes a delivered message. Does nothing when the lease was lost.</summary>
    public abstract ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation);

    /// <summary>Gives a delivered message back at once.</summary>
    public abstract ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation);

    /// <summary>About how many messages wait, visible or not.</summary>
    public abstract ValueTask<int> CountAsync(string queue, CancellationToken cancellation);
}
