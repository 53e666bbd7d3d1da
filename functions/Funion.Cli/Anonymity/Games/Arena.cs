using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>A world with its compute, and what observers of it have in common: places, and the lags between sightings of one packet.</summary>
sealed class Arena
{
    public Arena(NetworkDocument document, Protections protections, ulong seed)
    {
        World = new World(document, protections, seed);
        Compute = new SimCompute(World);
        Public = new SeededSource(seed ^ 0x5ca1ab1e);
        SeededSource draws = new(seed ^ 0x0b5e57ed);
        TimeSpan mean = protections.Mixing ? document.Rates.MeanDelay : TimeSpan.Zero;
        double link = Rates.Mean(document.Rates.LinkPerKilosecond).TotalSeconds;
        ToService = Kernel.Hops(4, mean, draws);
        AtService = Kernel.Hops(5, mean, draws);
        // Half of the intermediates are no shard and ask one, over a second link.
        AtReplica = Kernel.Hops(5, mean, draws, () =>
            (-Math.Log(draws.NextDouble()) * link) + (draws.Below(4) == 0 ? 0 : -Math.Log(draws.NextDouble()) * link));
        Back = Kernel.Hops(8, mean, draws);
        LastMixes = [.. document.Mixes(3).Select(node => World.IndexOf(node.Id))];
        FirstMixes = [.. document.Mixes(1).Select(node => World.IndexOf(node.Id))];
        Couriers = [.. World.Couriers.Select(courier => courier.Place)];
        Replicas = [.. World.Replicas.Select(replica => replica.Place)];
        ComputeNode = World.IndexOf(document.Computes[0].Id);
    }

    public World World { get; }

    public SimCompute Compute { get; }

    /// <summary>Draws of what everybody may know: when a round begins.</summary>
    public RandomSource Public { get; }

    /// <summary>From a sender to the wire before a service: four hops.</summary>
    public Kernel ToService { get; }

    /// <summary>From a sender to what a service does: five hops.</summary>
    public Kernel AtService { get; }

    /// <summary>From a sender to what a replica does: five hops and one or two paced links.</summary>
    public Kernel AtReplica { get; }

    /// <summary>From a sender to the wire before its gateway, on the way back: eight hops.</summary>
    public Kernel Back { get; }

    public int[] FirstMixes { get; }

    public int[] LastMixes { get; }

    public int[] Couriers { get; }

    public int[] Replicas { get; }

    public int ComputeNode { get; }

    /// <summary>All sightings on some links in a time, ascending.</summary>
    public double[] Seen(IEnumerable<(int From, int To)> links, double from, double to) =>
        Sorted(links.Select(link => World.Recorder.Link(link.From, link.To).Between(from, to).ToArray()));

    /// <summary>When operations of a kind happened on some nodes' storage, ascending; what one piece of work does at once is one sighting.</summary>
    public double[] Done(IEnumerable<int> nodes, StoreOperation operation, double from, double to) =>
        Sorted(nodes.Select(node => World.Recorder.Operations(node, operation).Between(from, to).ToArray().Distinct().ToArray()));

    /// <summary>When couriers passed an envelope on: two things are stored at once, where an answer is one.</summary>
    public double[] Dispatched(double from, double to) =>
        Sorted(Couriers.Select(courier => World.Recorder.Operations(courier, StoreOperation.Put).Between(from, to).ToArray()
            .GroupBy(time => time).Where(group => group.Count() > 1).Select(group => group.Key).ToArray()));

    static double[] Sorted(IEnumerable<double[]> parts)
    {
        double[] all = [.. parts.SelectMany(part => part)];
        Array.Sort(all);
        return all;
    }
}
