using Funion.Bacap;
using Funion.Client;
using Funion.Contracts;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Mixing;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Storage;
using Funion.Tests.Client;

namespace Funion.Tests.Roles;

/// <summary>What leaves compute at one boundary.</summary>
public sealed class ReleaseTests
{
    const int Each = 20;

    static readonly BucketGrid s_grid = new(TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Boxes_of_two_models_leave_as_one_shuffled_lot(bool ownClock)
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeGeometry geometry = new(stage.Plan.Document.Geometry.UserPayload);
        using SecretBytes key = new(32);
        ComputeJobs jobs = new(new MemoryBoxStore(), _ => key);
        ComputeOffering[] offerings = [.. new[] { "one", "two" }.Select(model => new ComputeOffering(model, s_grid, Each, 2, 1, 1))];
        ComputeEngine engine = new(
            offerings, jobs, stage.Client, (_, _, _) => throw new InvalidOperationException("Nothing starts."), null, stage.Client.Random, stage.Time,
            new ComputeCounters(), ownClock);
        Dictionary<BoxId, string> models = [];
        foreach (ComputeOffering offering in offerings)
        {
            for (int i = 0; i < Each; i++)
            {
                AcceptedJob job = await SealAsync(jobs, offering, stage.Time.GetUtcNow(), geometry, id => models.Add(id, offering.Model));
                engine.Offer(job);
            }
        }
        Step(engine);
        if (!ownClock)
        {
            // Two orchestrations wake up ahead of the boundary, one after the other.
            foreach (ComputeOffering offering in offerings)
            {
                Task<BucketTurn> turn = engine.AdmitAsync(offering, s_grid.NextBoundary(stage.Time.GetUtcNow()));
                Step(engine);
                Task handed = engine.ReleaseAsync(offering, await turn);
                Step(engine);
                Assert.True(handed.IsCompletedSuccessfully);
            }
        }
        Assert.Empty(services.Exchanges);
        bool All()
        {
            Step(engine);
            return services.Boxes.Count == 2 * Each;
        }
        Assert.True(stage.RunUntil(All, TimeSpan.FromMinutes(10)));
        string[] order = [.. services.Boxes.OrderBy(stored => stored.Value.From).Select(stored => models[stored.Key])];
        // One after the other it would be none or all; of a shuffled lot it is fewer than 4 or more than 16 once in ten thousand.
        Assert.InRange(order[..Each].Count(model => model == "one"), 4, 16);
    }

    [Fact]
    public void Nothing_leaves_before_its_boundary_and_each_box_once()
    {
        ReleaseQueue queue = new(new SeededRandom(1));
        DateTimeOffset boundary = s_grid.NextBoundary(new DateTimeOffset(2030, 1, 1, 0, 0, 1, TimeSpan.Zero));
        JobState one = State(), two = State();
        queue.Add(boundary, one);
        queue.Add(boundary + s_grid.Bucket, two);
        Assert.Empty(queue.Take(boundary - TimeSpan.FromTicks(1)));
        Assert.Equal(boundary, queue.Next);
        Assert.Equal([(one, 0), (one, 1), (one, 2)], queue.Take(boundary).OrderBy(box => box.Box));
        Assert.Equal([(two, 0), (two, 1), (two, 2)], queue.Take(boundary + (2 * s_grid.Bucket)).OrderBy(box => box.Box));
        Assert.Equal(DateTimeOffset.MaxValue, queue.Next);
    }

    static async Task<AcceptedJob> SealAsync(
        ComputeJobs jobs, ComputeOffering offering, DateTimeOffset now, PigeonholeGeometry geometry, Action<BoxId> sealing)
    {
        WriteCapability input = WriteCapability.Create(), write = WriteCapability.Create();
        AcceptedJob job = new(
            new Job(new byte[Job.NonceSize], offering.Model, s_grid.Bucket, 1, 1, input.ToReadCapability(), write), now, 0);
        IReadOnlyList<Box> boxes = FixedStream.Seal(write, [1], 1, geometry);
        sealing(boxes[0].Id);
        Assert.NotNull(await jobs.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Outputs, job), SealedBoxes.ToBytes(boxes), default));
        return job;
    }

    static JobState State()
    {
        WriteCapability input = WriteCapability.Create(), write = WriteCapability.Create();
        AcceptedJob job = new(new Job(new byte[Job.NonceSize], "one", s_grid.Bucket, 1, 3, input.ToReadCapability(), write), default, 0);
        return new JobState(job, new ComputeOffering("one", s_grid, Each, 2, 1, 3), dummy: false)
        {
            Outputs = FixedStream.Seal(write, [1], 3, new PigeonholeGeometry(2_000)),
        };
    }

    static void Step(ComputeEngine engine) => Assert.True(engine.StepAsync(default).AsTask().IsCompletedSuccessfully);
}
