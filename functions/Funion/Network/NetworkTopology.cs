namespace Funion.Network;

/// <summary>Who may send a packet to whom: gateway → layer 1 → 2 → 3 → service or gateway. A service's replies enter at layer 1 like anything else.</summary>
public static class NetworkTopology
{
    /// <summary>Layers of mixes.</summary>
    public const int Layers = 3;

    /// <summary>Whether <paramref name="to"/> may be the hop after <paramref name="from"/>.</summary>
    public static bool MayFollow(this NetworkDocument document, NodeId from, NodeId to)
    {
        ArgumentNullException.ThrowIfNull(document);
        return (document.Node(from), document.Node(to)) is ({ } sender, { } receiver) && sender.Role switch
        {
            NodeRole.Gateway or NodeRole.Courier or NodeRole.Compute => receiver is { Role: NodeRole.Mix, Layer: 1 },
            NodeRole.Mix when sender.Layer < Layers => receiver.Role == NodeRole.Mix && receiver.Layer == sender.Layer + 1,
            NodeRole.Mix => receiver.Role is NodeRole.Gateway or NodeRole.Courier or NodeRole.Compute,
            _ => false,
        };
    }

    /// <summary>The queue on which a node takes what others send it, or null for a node that is not in the document.</summary>
    public static string? Inbound(this NetworkDocument document, NodeId node)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.Node(node) is { } found ? QueueNames.In(found.Role) : null;
    }
}
