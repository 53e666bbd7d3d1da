using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// What compute was busy with. Either: which of two models of one size class and bucket a question went to, one of which takes 0.3 s to run and the other 3 s; or:
/// whether one question took the model 0.3 s or 3 s. The adversary may be whoever asks: he knows the question's boxes, and sees all wires and the storage of all
/// replicas.
/// </summary>
/// <param name="models">Two models, or one whose run depends on its input.</param>
/// <param name="computeStorage">Whether he also sees when compute's own storage is used.</param>
/// <param name="alike">Two models that take the same 0.3 s: whatever tells them apart then is not their time.</param>
sealed class Workload(bool models, bool computeStorage, bool alike = false) : Game
{
    public override string Name =>
        (models ? "workload: which model" : "workload: how long") + (alike ? " of two alike" : "") + (computeStorage ? ", compute's storage seen" : "");

    public override string Question => alike ? "which of two models a question went to, both 0.3 s"
        : models ? "which of two models a question went to, 0.3 s or 3 s" : "whether a question ran 0.3 s or 3 s";

    public override string View =>
        "all wires, the replicas' storage, the ids of the question's boxes" + (computeStorage ? ", and when compute's own storage is used" : "");

    public override Protections? Control => alike ? null : new() { Buckets = false };

    public override string ControlName => "no buckets: a job runs and is released as it comes";

    public override int Lanes => 4;

    public override NetworkDocument Plan() => World.Plan(models: 2);

    public override Lane Enter(Arena arena)
    {
        if (models)
        {
            // A model takes its time for dummies too.
            arena.Compute.RunTime = offering => alike || offering == arena.Compute.Offerings[0] ? s_short : s_long;
        }
        return new Players(arena, models, computeStorage);
    }

    static readonly TimeSpan s_short = TimeSpan.FromSeconds(0.3), s_long = TimeSpan.FromSeconds(3);

    sealed class Players(Arena arena, bool models, bool computeStorage) : Lane
    {
        readonly SimAsker _asker = new(arena.World, arena.World.AddClient());

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            EventQueue events = arena.World.Events;
            await events.DelayAsync(TimeSpan.FromSeconds(5 * arena.Public.NextDouble()));
            Since = events.Seconds;
            SimJob job = models
                ? arena.Compute.Draft(arena.Compute.Offerings[secret ? 1 : 0])
                : arena.Compute.Draft(arena.Compute.Offerings[0], secret ? s_long : s_short);
            await _asker.AskAsync(job);
            double fetched = job.Inputs[0].Asked, stored = job.Outputs[0].Stored, bucket = job.Offering.Grid.Bucket.TotalSeconds;
            if (double.IsNaN(fetched) || double.IsNaN(stored))
            {
                return null;
            }
            double begin = Math.Ceiling(fetched / bucket) * bucket;
            List<double> features =
            [
                stored - fetched, stored % bucket, fetched % bucket, stored - begin, job.Outputs[0].Asked - stored,
            ];
            // What compute and everybody's storage do between fetching and release, second by second of the bucket.
            for (double second = begin; second < begin + (2 * bucket); second++)
            {
                features.Add(arena.World.Recorder.Link(arena.Compute.Sender.Index, arena.World.Gateway).Count(second, second + 1));
                features.Add(arena.Done(arena.Replicas, StoreOperation.Put, second, second + 1).Length);
                if (computeStorage)
                {
                    features.Add(arena.Done([arena.ComputeNode], StoreOperation.Put, second, second + 1).Length);
                }
            }
            return [.. features];
        }
    }
}
