using Funion.Inference;
using Funion.Mixing;
using Funion.Tests.Simulation;

namespace Funion.Tests.Inference;

public sealed class BucketRoundTests
{
    static readonly BucketGrid s_grid = new(TimeSpan.FromSeconds(5));

    static readonly DateTimeOffset s_boundary = s_grid.BoundaryAt(new DateTimeOffset(2030, 1, 1, 0, 0, 3, TimeSpan.Zero)) + s_grid.Bucket;

    [Fact]
    public void Boundaries_are_multiples_of_the_bucket_and_buckets_share_them()
    {
        Assert.Equal(0, s_boundary.ToUnixTimeMilliseconds() % 5_000);
        Assert.Equal(s_boundary + s_grid.Bucket, s_grid.NextBoundary(s_boundary));
        BucketGrid minute = new(TimeSpan.FromMinutes(1));
        DateTimeOffset shared = minute.NextBoundary(s_boundary);
        Assert.Equal(shared, s_grid.BoundaryAt(shared));
    }

    [Fact]
    public void What_was_complete_before_the_boundary_starts_and_what_was_sealed_is_released()
    {
        BucketJob early = Job(1, BucketStage.Complete, -1), late = Job(2, BucketStage.Complete, 0), done = Job(3, BucketStage.Sealed, -1);
        BucketRound round = At(4, 2, early, late, done);
        Assert.Equal([early.Id], round.Start);
        Assert.Equal([done.Id], round.Release);
        Assert.Empty(round.Fail);
    }

    [Fact]
    public void People_come_before_dummies_and_a_full_batch_is_a_random_choice()
    {
        BucketJob[] people = [.. Enumerable.Range(0, 6).Select(i => Job(i, BucketStage.Complete, -2))];
        BucketJob[] dummies = [.. Enumerable.Range(10, 4).Select(i => Job(i, BucketStage.Complete, -2, dummy: true))];
        HashSet<Bytes32> chosen = [];
        for (int seed = 0; seed < 40; seed++)
        {
            BucketRound round = BucketRound.At(s_boundary, s_grid, [.. people, .. dummies], 4, 2, new SeededRandom(seed));
            Assert.Equal(4, round.Start.Count);
            Assert.All(round.Start, id => Assert.Contains(people, job => job.Id == id));
            chosen.UnionWith(round.Start);
        }
        Assert.Equal(6, chosen.Count);
        Assert.Equal(4, At(4, 2, [people[0], .. dummies]).Start.Count);
    }

    [Fact]
    public void What_overran_its_boundaries_fails_and_not_before()
    {
        BucketJob running = Job(1, BucketStage.Running, -15), fetching = Job(2, BucketStage.Fetching, -15.5);
        Assert.Equal([fetching.Id], At(4, 2, running, fetching).Fail);
        Assert.Equal(2, At(4, 1, running, fetching).Fail.Count);
    }

    [Fact]
    public void The_order_of_release_is_not_the_order_of_completion()
    {
        BucketJob[] done = [.. Enumerable.Range(0, 8).Select(i => Job(i, BucketStage.Sealed, -4 + (i * 0.1)))];
        Assert.Contains(
            Enumerable.Range(0, 10), seed => !BucketRound.At(s_boundary, s_grid, done, 4, 2, new SeededRandom(seed)).Release.SequenceEqual(done.Select(job => job.Id)));
    }

    static BucketRound At(int batch, int overruns, params BucketJob[] jobs) => BucketRound.At(s_boundary, s_grid, jobs, batch, overruns, new SeededRandom(1));

    static BucketJob Job(int id, BucketStage stage, double secondsFromBoundary, bool dummy = false)
    {
        byte[] bytes = new byte[32];
        bytes[0] = (byte)id;
        return new BucketJob(new Bytes32(bytes), stage, s_boundary + TimeSpan.FromSeconds(secondsFromBoundary), dummy);
    }
}
