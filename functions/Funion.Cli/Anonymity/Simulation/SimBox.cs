using Funion.Mixing;
using Funion.Pigeonhole;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// A box: its two shards, drawn as BLAKE2b-256 over pseudorandom ids draws them, and what each holds. Who corrupts a replica sees what is done to it and when.
/// </summary>
sealed class SimBox
{
    readonly ReplicaError[] _held = [ReplicaError.BoxIdNotFound, ReplicaError.BoxIdNotFound];

    public SimBox(int replicas, RandomSource random)
    {
        First = random.Below(replicas);
        int second = random.Below(replicas - 1);
        Second = second >= First ? second + 1 : second;
    }

    public int First { get; }

    public int Second { get; }

    /// <summary>What its shards saw, in seconds: stored (either copy), looked up there, deleted; first of each.</summary>
    public double Stored { get; private set; } = double.NaN;

    /// <summary>The first time that somebody looked for it, there or not.</summary>
    public double Asked { get; private set; } = double.NaN;

    /// <summary>The first tombstone.</summary>
    public double Deleted { get; private set; } = double.NaN;

    /// <summary>When the packets that are about it left their gateway: what all mixes, couriers and replicas together know.</summary>
    public List<double> Entered { get; } = [];

    public bool IsShard(int replica) => replica == First || replica == Second;

    public int Other(int replica) => replica == First ? Second : First;

    /// <summary>What a shard answers to a read.</summary>
    public ReplicaError Read(int replica, double now)
    {
        Asked = double.IsNaN(Asked) ? now : Asked;
        return _held[replica == First ? 0 : 1];
    }

    /// <summary>Stores it or its tombstone at a shard.</summary>
    public void Store(int replica, bool tombstone, double now)
    {
        _held[replica == First ? 0 : 1] = tombstone ? ReplicaError.Tombstone : ReplicaError.None;
        if (tombstone)
        {
            Deleted = double.IsNaN(Deleted) ? now : Deleted;
        }
        else
        {
            Stored = double.IsNaN(Stored) ? now : Stored;
        }
    }
}
