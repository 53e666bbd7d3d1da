using Funion.Network;

namespace Funion.Roles;

/// <summary>One Poisson process of a node.</summary>
/// <param name="Kind">What its slots are for.</param>
/// <param name="Peer">The other end of the link; default for loops.</param>
/// <param name="Mean">Mean time between slots; <see cref="Timeout.InfiniteTimeSpan"/>: none.</param>
public sealed record SlotSource(SlotKind Kind, NodeId Peer, TimeSpan Mean)
{
    /// <summary>
    /// Every process of a node: λR on each link of a courier to a replica and of a replica to each other one, λM and λG loops. A function of the
    /// document alone, so of nobody's activity.
    /// </summary>
    public static IReadOnlyList<SlotSource> Of(NetworkDocument document, NodeDescriptor node)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(node);
        Rates rates = document.Rates;
        return node.Role switch
        {
            NodeRole.Courier or NodeRole.Replica => [.. document.Replicas.Where(replica => replica.Id != node.Id)
                .Select(replica => new SlotSource(SlotKind.Link, replica.Id, Rates.Mean(rates.LinkPerKilosecond)))],
            NodeRole.Mix => [new SlotSource(SlotKind.Loop, default, Rates.Mean(rates.MixLoopPerKilosecond))],
            NodeRole.Gateway => [new SlotSource(SlotKind.Loop, default, Rates.Mean(rates.GatewayLoopPerKilosecond))],
            _ => [],
        };
    }
}
