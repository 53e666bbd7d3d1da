namespace Funion.Roles;

/// <summary>What a hop did, in totals: the only thing a node remembers of the packets it saw. No count belongs to anybody.</summary>
public sealed class HopCounters
{
    long _forwarded, _delivered, _replies, _replayed, _refused, _late, _poison;

    /// <summary>Packets handed to the next hop.</summary>
    public long Forwarded => Interlocked.Read(ref _forwarded);

    /// <summary>Packets handed to a service at this node.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Replies put into mailboxes.</summary>
    public long Replies => Interlocked.Read(ref _replies);

    /// <summary>Packets dropped because they had been here under another delivery.</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>Packets dropped because they did not open, or named a next hop that cannot follow.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Packets dropped because they were overdue past the slack.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Messages deleted after too many attempts.</summary>
    public long Poison => Interlocked.Read(ref _poison);

    internal void CountForwarded() => Interlocked.Increment(ref _forwarded);

    internal void CountDelivered() => Interlocked.Increment(ref _delivered);

    internal void CountReply() => Interlocked.Increment(ref _replies);

    internal void CountReplayed() => Interlocked.Increment(ref _replayed);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountLate() => Interlocked.Increment(ref _late);

    internal void CountPoison() => Interlocked.Increment(ref _poison);
}
