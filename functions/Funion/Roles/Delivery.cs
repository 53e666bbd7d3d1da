namespace Funion.Roles;

/// <summary>One delivery of a message. A message that is abandoned, or whose lease ends, comes again with the same <see cref="Id"/>.</summary>
/// <param name="Queue">The queue it came from.</param>
/// <param name="Id">Assigned by the broker, never by the sender: the same for every delivery of one enqueued message, another for a second copy.</param>
/// <param name="Receipt">What completes or abandons this delivery.</param>
/// <param name="Message">The bytes as they were enqueued.</param>
/// <param name="Attempt">1 for the first delivery.</param>
public sealed record Delivery(string Queue, string Id, string Receipt, ReadOnlyMemory<byte> Message, int Attempt)
{
    /// <summary>How far a broker's clock may be from a node's: as far as the document's graces bear.</summary>
    public static readonly TimeSpan ClockAllowance = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Since when it could be taken, at the earliest, by this node's clock: what a broker says lies later by <see cref="ClockAllowance"/>. Null where that is not known.
    /// </summary>
    public DateTimeOffset? Since { get; init; }
}
