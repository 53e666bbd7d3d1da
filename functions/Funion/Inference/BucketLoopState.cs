namespace Funion.Inference;

/// <summary>All that an endless loop over boundaries remembers from one to the next.</summary>
/// <param name="Last">The last boundary that had its turn.</param>
/// <param name="Missed">Boundaries without a turn, because a timer was late.</param>
public sealed record BucketLoopState(DateTimeOffset Last, long Missed);
