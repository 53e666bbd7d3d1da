using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// Two people's questions run in one batch: which input belongs to which output? The adversary has the boxes' ids: he runs every replica. He sees when each box
/// is stored and fetched by compute; in the wider view also when people look for their answers and delete both boxes.
/// </summary>
/// <param name="whole">Whether he uses what the people do, or only what compute does.</param>
/// <param name="replicas">How many of the replicas he runs; a box that none of them holds he does not see.</param>
sealed class InputOutput(bool whole, int replicas = int.MaxValue) : Game
{
    public override string Name => !whole ? "input to output"
        : replicas == int.MaxValue ? "input to output, all replicas" : $"input to output, {replicas} of 8 replicas";

    public override string Question => "which of two inputs of a batch an output belongs to";

    public override string View => whole
        ? "replicas: every operation on every box of theirs, by id"
        : "when the batch's input boxes are stored and fetched, and its output boxes are stored, by id";

    public override Protections? Control => whole ? new() { LoneTombstones = false } : new() { Buckets = false };

    public override string ControlName => whole ? "input and output are deleted at once" : "no buckets: a job runs and is released as it comes";

    public override int Lanes => whole ? 6 : 8;

    public override NetworkDocument Plan() => World.Plan(batch: 4);

    public override Lane Enter(Arena arena) => new Players(arena, whole, replicas);

    sealed class Players(Arena arena, bool whole, int replicas) : Lane
    {
        readonly SimAsker[] _askers = [.. Enumerable.Range(0, 2).Select(_ => new SimAsker(arena.World, arena.World.AddClient()))];

        /// <summary>The lesser of two times apart; a long one when neither is seen.</summary>
        static double Least(double one, double other) => Math.Min(double.IsNaN(one) ? 10 : one, double.IsNaN(other) ? 10 : other);

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            EventQueue events = arena.World.Events;
            Since = events.Seconds;
            SimJob[] jobs = [.. _askers.Select(_ => arena.Compute.Draft(arena.Compute.Offerings[0]))];
            await Task.WhenAll(_askers.Select(async (asker, i) =>
            {
                await events.DelayAsync(TimeSpan.FromSeconds(3 * arena.Public.NextDouble()));
                await asker.AskAsync(jobs[i]);
            }));
            if (whole)
            {
                await Task.WhenAll(jobs.Select(job => job.Forgotten));
            }
            if (arena.World.Protections.Buckets && jobs[0].Started != jobs[1].Started)
            {
                // Not one batch.
                return null;
            }
            SimBox one = jobs[0].Inputs[0], two = jobs[1].Inputs[0], x = jobs[secret ? 1 : 0].Outputs[0], y = jobs[secret ? 0 : 1].Outputs[0];
            if (replicas < arena.Replicas.Length)
            {
                // Some boxes he does not see; of those he sees he asks which were deleted together.
                double Deleted(SimBox box) => box.First < replicas || box.Second < replicas ? box.Deleted : double.NaN;
                double[] apart = [.. new[] { (one, x), (two, y), (one, y), (two, x) }.Select(pair => Math.Abs(Deleted(pair.Item1) - Deleted(pair.Item2)))];
                return [.. apart, .. apart.Select(seconds => seconds < 3 ? 1.0 : 0), Least(apart[2], apart[3]) - Least(apart[0], apart[1])];
            }
            double[] inputs = [one.Stored - two.Stored, one.Asked - two.Asked];
            List<double> outputs = [x.Stored - y.Stored];
            if (whole)
            {
                outputs.AddRange([x.Asked - y.Asked, x.Deleted - y.Deleted]);
                inputs = [.. inputs, one.Deleted - two.Deleted];
            }
            List<double> features = [.. inputs.SelectMany(input => outputs.SelectMany(output => (double[])[Math.Sign(input) * Math.Sign(output), input * output]))];
            if (whole)
            {
                // Boxes that are deleted together belong together.
                features.Add(
                    Math.Abs(one.Deleted - x.Deleted) + Math.Abs(two.Deleted - y.Deleted) - Math.Abs(one.Deleted - y.Deleted) - Math.Abs(two.Deleted - x.Deleted));
            }
            return [.. features];
        }
    }
}
