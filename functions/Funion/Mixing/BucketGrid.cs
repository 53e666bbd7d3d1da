namespace Funion.Mixing;

/// <summary>
/// The public times at which a bucket's jobs start and are released: multiples of the bucket since 1970-01-01 UTC, the same grid for everybody,
/// so that buckets of different length share boundaries.
/// </summary>
public readonly record struct BucketGrid
{
    readonly long _ticks;

    /// <summary>A grid of this width, a positive whole number of milliseconds.</summary>
    public BucketGrid(TimeSpan bucket)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucket, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfNotEqual(bucket.Ticks % TimeSpan.TicksPerMillisecond, 0);
        _ticks = bucket.Ticks;
    }

    /// <summary>Width.</summary>
    public TimeSpan Bucket => TimeSpan.FromTicks(_ticks);

    /// <summary>The last boundary at or before a time.</summary>
    public DateTimeOffset BoundaryAt(DateTimeOffset time) =>
        DateTimeOffset.UnixEpoch.AddTicks((time - DateTimeOffset.UnixEpoch).Ticks / _ticks * _ticks);

    /// <summary>The first boundary after a time.</summary>
    public DateTimeOffset NextBoundary(DateTimeOffset time) => BoundaryAt(time) + Bucket;
}
