using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// What an observer of all wires makes of two clients, always as a difference: how often, how evenly each sends and polls, and how well what each sends fits what
/// comes to services and goes back; with an eye on storage, also what couriers, compute and replicas do there.
/// </summary>
static class PairView
{
    public static double[] Of(Arena arena, SimClient one, SimClient other, double from, double to, bool storage)
    {
        World world = arena.World;
        List<double> features = [];
        double[][] sends = [.. new[] { one, other }.Select(client => world.Recorder.Link(client.Index, world.Gateway).Between(from - 6, to).ToArray())];
        double[][] within = [.. sends.Select(times => times.Where(time => time >= from).ToArray())];
        features.Add(within[0].Length - within[1].Length);
        features.Add(world.Recorder.Link(world.Gateway, one.Index).Count(from, to) - world.Recorder.Link(world.Gateway, other.Index).Count(from, to));
        double third = (to - from) / 3;
        for (int i = 0; i < 3; i++)
        {
            double begin = from + (i * third);
            features.Add(within[0].Count(time => time >= begin && time < begin + third) - within[1].Count(time => time >= begin && time < begin + third));
        }
        double[][] gaps = [.. within.Select(times => times.Zip(times.Skip(1), (earlier, later) => later - earlier).DefaultIfEmpty(to - from).ToArray())];
        features.Add(gaps[0].Max() - gaps[1].Max());
        features.Add(gaps[0].Min() - gaps[1].Min());
        features.Add(gaps[0].Average(gap => gap * gap) - gaps[1].Average(gap => gap * gap));
        void Fit(Kernel kernel, double[] seen)
        {
            const double background = 1.5;
            (double linear, double logarithmic) = kernel.Fit(sends[0], seen, background, within[0].Length / (to - from));
            (double otherLinear, double otherLogarithmic) = kernel.Fit(sends[1], seen, background, within[1].Length / (to - from));
            features.Add(linear - otherLinear);
            features.Add(logarithmic - otherLogarithmic);
        }
        foreach (int courier in arena.Couriers)
        {
            Fit(arena.ToService, arena.Seen(arena.LastMixes.Select(mix => (mix, courier)), from, to));
        }
        Fit(arena.ToService, arena.Seen(arena.LastMixes.Select(mix => (mix, arena.ComputeNode)), from, to));
        Fit(arena.Back, arena.Seen(arena.LastMixes.Select(mix => (mix, world.Gateway)), from, to));
        Fit(arena.AtReplica, arena.Seen(arena.Couriers.SelectMany(courier => arena.Replicas.Select(replica => (courier, replica))), from, to));
        if (storage)
        {
            Fit(arena.AtService, arena.Dispatched(from, to));
            Fit(arena.AtService, arena.Done(arena.Couriers, StoreOperation.Put, from, to));
            Fit(arena.AtService, arena.Done(arena.Couriers, StoreOperation.Get, from, to));
            Fit(arena.AtService, arena.Done([arena.ComputeNode], StoreOperation.Put, from, to));
            Fit(arena.AtReplica, arena.Done(arena.Replicas, StoreOperation.Put, from, to));
            Fit(arena.AtReplica, arena.Done(arena.Replicas, StoreOperation.Get, from, to));
        }
        return [.. features];
    }
}
