using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>Two questions, by one person or by two who are both always on.</summary>
/// <param name="compute">Whether the adversary is compute, which sees when each question comes, instead of the wires; the two are asked at once then.</param>
sealed class OnePerson(bool compute) : Game
{
    public override string Name => compute ? "one person or two, compute" : "one person or two";

    public override string Question => compute ? "whether two questions that are asked at once are one person's" : "whether two questions are one person's";

    public override string View => compute ? "compute and all replicas: when the questions, their boxes and their deletions come" : "all wires";

    public override Protections? Control => compute ? null : new() { Cover = 0 };

    public override string ControlName => compute ? "" : "no cover: who asks sends at once, and only then";

    public override Lane Enter(Arena arena) => new Players(arena, compute);

    sealed class Players(Arena arena, bool compute) : Lane
    {
        const double Window = 60;

        readonly SimAsker[] _askers = [.. Enumerable.Range(0, 2).Select(_ => new SimAsker(arena.World, arena.World.AddClient()))];

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            await world.Events.DelayAsync(TimeSpan.FromSeconds(5 * arena.Public.NextDouble()));
            double from = Since = world.Events.Seconds;
            SimJob[] jobs = [.. _askers.Select(_ => arena.Compute.Draft(arena.Compute.Offerings[0]))];
            Task first = _askers[0].AskAsync(jobs[0]);
            await world.Events.DelayAsync(TimeSpan.FromSeconds(compute ? 0 : 15 + (10 * arena.Public.NextDouble())));
            Task second = _askers[secret ? 1 : 0].AskAsync(jobs[1]);
            await Task.WhenAll(first, second, world.Events.DelayAsync(TimeSpan.FromSeconds(from + Window - world.Events.Seconds)));
            if (!compute)
            {
                double[] fits = PairView.Of(arena, _askers[0].Client, _askers[1].Client, from, from + Window, storage: false);
                return [.. fits, .. fits.Select(Math.Abs)];
            }
            await Task.WhenAll(jobs.Select(job => job.Forgotten));
            (SimJob one, SimJob other) = jobs[0].Arrived < jobs[1].Arrived ? (jobs[0], jobs[1]) : (jobs[1], jobs[0]);
            return
            [
                other.Arrived - one.Arrived, other.Inputs[0].Stored - one.Inputs[0].Stored, Math.Abs(other.Inputs[0].Stored - one.Inputs[0].Stored),
                one.Arrived - one.Inputs[0].Stored, other.Arrived - other.Inputs[0].Stored, other.Outputs[0].Asked - one.Outputs[0].Asked,
                Math.Abs(other.Outputs[0].Asked - one.Outputs[0].Asked), Math.Abs(other.Inputs[0].Deleted - one.Inputs[0].Deleted),
                Math.Abs(other.Outputs[0].Deleted - one.Outputs[0].Deleted), one.Started - other.Started,
            ];
        }
    }
}
