namespace Funion.Cli.Anonymity.Simulation;

/// <summary>Somebody who follows packets through nodes: told when a node takes one and when one leaves it, not which.</summary>
abstract class Follower
{
    public abstract void Held(int node, NullPacket packet);

    /// <summary>One packet leaves a node for the next; -1: it ends there.</summary>
    public abstract void Left(int node, int next);
}
