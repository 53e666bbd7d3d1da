using System.Runtime.InteropServices;
using Funion.Mixing;

namespace Funion.Inference;

/// <summary>
/// What happens at one boundary of one (model, bucket), decided from public rules alone; whoever keeps the time (a process, a durable orchestration)
/// carries it out. Jobs whose input was complete before the boundary start at it; outputs that were sealed before it are released at it; what
/// overran a public number of boundaries fails with an output of the same size.
/// </summary>
/// <param name="Boundary">The boundary.</param>
/// <param name="Start">Jobs that start now, at most a batch: people's before dummies, a random choice when there are too many.</param>
/// <param name="Release">Jobs whose boxes enter compute's slots now, in random order.</param>
/// <param name="Fail">Jobs that get a failure output now, released at the next boundary like any other.</param>
public sealed record BucketRound(
    DateTimeOffset Boundary, IReadOnlyList<Bytes32> Start, IReadOnlyList<Bytes32> Release, IReadOnlyList<Bytes32> Fail)
{
    /// <summary>Decides the round.</summary>
    /// <param name="boundary">A boundary of <paramref name="grid"/>.</param>
    /// <param name="grid">The bucket's grid.</param>
    /// <param name="jobs">All jobs of this (model, bucket).</param>
    /// <param name="batch">Public batch size.</param>
    /// <param name="overruns">Boundaries a job may miss, fetching or running, before it fails.</param>
    /// <param name="random">Draws.</param>
    public static BucketRound At(
        DateTimeOffset boundary, BucketGrid grid, IReadOnlyCollection<BucketJob> jobs, int batch, int overruns, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(grid.BoundaryAt(boundary), boundary);
        // A fetch has a whole bucket before its first boundary counts; a run that started at k is due at k + 1.
        DateTimeOffset lapsed = boundary - (grid.Bucket * (overruns + 1));
        Bytes32[] release = [.. Pick(jobs, job => job.Stage == BucketStage.Sealed && job.Since <= boundary)];
        random.Shuffle(release.AsSpan());
        Bytes32[] fail = [.. Pick(jobs, job => job.Stage is BucketStage.Fetching or BucketStage.Running && job.Since < lapsed)];
        List<Bytes32> start = Choose(jobs, boundary, dummy: false, batch, random);
        start.AddRange(Choose(jobs, boundary, dummy: true, batch - start.Count, random));
        random.Shuffle(CollectionsMarshal.AsSpan(start));
        return new BucketRound(boundary, start, release, fail);
    }

    static List<Bytes32> Choose(IReadOnlyCollection<BucketJob> jobs, DateTimeOffset boundary, bool dummy, int most, RandomSource random)
    {
        List<Bytes32> ready = [.. Pick(jobs, job => job.Stage == BucketStage.Complete && job.Dummy == dummy && job.Since < boundary)];
        random.Shuffle(CollectionsMarshal.AsSpan(ready));
        return ready.Count > most ? ready[..most] : ready;
    }

    static IEnumerable<Bytes32> Pick(IReadOnlyCollection<BucketJob> jobs, Func<BucketJob, bool> choose) => jobs.Where(choose).Select(job => job.Id);
}
