using Funion.Roles;

namespace Funion.Cli.LocalNetwork;

/// <summary>What the nodes of a local network have in common.</summary>
/// <param name="Node">What each stands in.</param>
/// <param name="Links">Counts what goes from node to node.</param>
sealed record LocalNodeContext(NodeContext Node, LinkCounters Links)
{
    /// <summary>The same by a node's own clock.</summary>
    public LocalNodeContext By(TimeProvider clock) => this with { Node = Node with { Time = clock } };
}
