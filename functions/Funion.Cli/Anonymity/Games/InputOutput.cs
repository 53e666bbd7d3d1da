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
    public override string Name => !whole ? "input to output" : replicas == int.MaxValue ? "input to output, all replicas" : $"input to output, {replicas} of 8 replicas";

    public override string Question => "which of two inputs of a batch an output belongs to";

    public override string View => whole
        ? "all replicas: every operation on every box, by id"
        : "when the batch's input boxes are stored and fetched, and its output boxes are stored, by id";

    public override Protections Control => new() { Buckets = false };

    public override string ControlName => "no buckets: a job runs and is released as it comes";

    public override int Lanes => whole ? 6 : 8;

    public override NetworkDocument Plan() => World.Plan(batch: 4);

    public override Lane Enter(Arena arena) => new Players(arena, whole, replicas);

    sealed class Players(Arena arena, bool whole, int replicas) : Lane
    {
        readonly SimAsker[] _askers = [.. Enumerable.Range(0, 2).Select(_ => new SimAsker(arena.World, arena.World.AddClient()))];

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
            await Task.WhenAll(jobs.Select(job => job.Forgotten));
            if (arena.World.Protections.Buckets && jobs[0].Started != jobs[1].Started)
            {
                // Not one batch.
                return null;
            }
            SimBox one = jobs[0].Inputs[0], two = jobs[1].Inputs[0], x = jobs[secret ? 1 : 0].Outputs[0], y = jobs[secret ? 0 : 1].Outputs[0];
            if (new[] { one, two, x, y }.Any(box => box.First >= replicas && box.Second >= replicas))
            {
                // A box that he does not see leaves him a guess.
                return [.. Enumerable.Repeat(double.NaN, whole ? 19 : 4)];
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
