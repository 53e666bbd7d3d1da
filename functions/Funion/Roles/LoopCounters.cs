namespace Funion.Roles;

/// <summary>A node's own loops in this process, in totals.</summary>
public sealed class LoopCounters
{
    long _sent, _returned;

    /// <summary>Loops sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Loops that came back.</summary>
    public long Returned => Interlocked.Read(ref _returned);

    internal void CountSent() => Interlocked.Increment(ref _sent);

    internal void CountReturned() => Interlocked.Increment(ref _returned);
}
