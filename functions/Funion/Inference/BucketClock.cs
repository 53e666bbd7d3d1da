using Funion.Mixing;

namespace Funion.Inference;

/// <summary>
/// What keeps the time of one (model, bucket) and carries out what <see cref="BucketLoop"/> says: a process's own clock, or a durable orchestration. The
/// loop asks nothing else, so that an orchestration may run it again from its history and comes to the same.
/// </summary>
public abstract class BucketClock
{
    /// <summary>The bucket's grid.</summary>
    public abstract BucketGrid Grid { get; }

    /// <summary>How long before a boundary to wake up: zero where timers are exact. What is handed over early has the boundary as its not-before.</summary>
    public abstract TimeSpan Lead { get; }

    /// <summary>The time.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>Completes at a time or after it.</summary>
    public abstract Task WaitUntilAsync(DateTimeOffset time);

    /// <summary>Decides what happens at a boundary, and marks it as decided.</summary>
    public abstract Task<BucketTurn> AdmitAsync(DateTimeOffset boundary);

    /// <summary>Hands sealed boxes, and outputs of what failed, to compute's slots; nothing leaves before the boundary.</summary>
    public abstract Task ReleaseAsync(BucketTurn turn);

    /// <summary>Runs what was admitted, from the boundary on. Not awaited: a run that overruns must not keep the next boundary from coming.</summary>
    public abstract void Start(BucketTurn turn);
}
