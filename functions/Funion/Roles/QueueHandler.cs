namespace Funion.Roles;

/// <summary>What a node does with the messages of one of its queues.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Handle">The role's answer to one message.</param>
/// <param name="Due">
/// When a message may be handled: for a queue of held packets. What is due together is handled in random order, and what is overdue past
/// <paramref name="Slack"/> is dropped, because a mix that falls behind and keeps its order is a FIFO (decisions: due times, shuffled release).
/// </param>
/// <param name="Slack">How far overdue a held message may be.</param>
/// <param name="Slots">Held are slots, not packets: one that lapses is no loss, and is not counted.</param>
public sealed record QueueHandler(
    string Queue, Func<Delivery, CancellationToken, ValueTask<Work>> Handle, Func<Delivery, DateTimeOffset>? Due = null, TimeSpan Slack = default,
    bool Slots = false)
{
    /// <summary>
    /// How long a message may lie before it is taken; null: for ever. What lay longer is dropped: a node that falls behind would do nothing but what is too late,
    /// for as long as its backlog lasts.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>How long a message has lain, as far as the broker says; null where nobody asks.</summary>
    public TimeSpan? Lay(Delivery delivery, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Patience is null ? null : now - delivery.Since;
    }
}
