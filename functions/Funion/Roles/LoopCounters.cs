namespace Funion.Roles;

/// <summary>A node's own loops in this process, in totals.</summary>
public sealed class LoopCounters
{
    long _sent, _returned, _damaged, _late;

    /// <summary>Loops sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Loops that came back.</summary>
    public long Returned => Interlocked.Read(ref _returned);

    /// <summary>Loops that came back changed.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Loops that came back whole, later than their delays and a healthy network explain.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>All of them.</summary>
    public LoopTotals Totals => new(Sent, Returned, Damaged, Late);

    internal void CountSent() => Interlocked.Increment(ref _sent);

    internal void CountReturned(bool late)
    {
        Interlocked.Increment(ref _returned);
        Interlocked.Add(ref _late, late ? 1 : 0);
    }

    internal void CountDamaged() => Interlocked.Increment(ref _damaged);
}
