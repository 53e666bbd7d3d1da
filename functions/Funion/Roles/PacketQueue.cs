namespace Funion.Roles;

/// <summary>
/// One of the two ports: the queues of one node. At-least-once, unordered. A queue comes into being with its first message.
/// Throws <see cref="PortUnavailableException"/> when the broker cannot be reached.
/// </summary>
public abstract class PacketQueue
{
    /// <summary>Largest message in bytes: its base64 fills the 64 KiB that a message of Azure Queue Storage holds.</summary>
    public const int MaxMessageSize = 48 * 1024;

    /// <summary>
    /// Rung with the queue's name when this process enqueued or gave back a message, visible yet or not. May ring on any thread.
    /// Other processes' messages do not ring.
    /// </summary>
    public event Action<string>? Arrived;

    /// <summary>
    /// When the next message becomes visible, leased ones included; <see cref="DateTimeOffset.MaxValue"/> when there is none.
    /// Null when the broker cannot tell: poll.
    /// </summary>
    public virtual DateTimeOffset? NextVisible(string queue) => null;

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

    /// <summary>Rings <see cref="Arrived"/>.</summary>
    protected void Ring(string queue) => Arrived?.Invoke(queue);

    /// <summary>Throws <see cref="ArgumentException"/> for what no broker takes.</summary>
    protected static void CheckMessage(ReadOnlyMemory<byte> message, TimeSpan delay)
    {
        if (message.Length > MaxMessageSize)
        {
            throw new ArgumentException($"A message has at most {MaxMessageSize} bytes.", nameof(message));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        // A week is the longest that Azure Queue Storage hides a message.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, TimeSpan.FromDays(7));
    }

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> for a count beyond 1 to 32 or a lease that is no time at all.</summary>
    protected static void CheckReceive(int most, TimeSpan lease)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, 32);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lease, TimeSpan.FromDays(7));
    }
}
