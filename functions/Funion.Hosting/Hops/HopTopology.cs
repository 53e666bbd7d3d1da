using Funion.Network;
using Funion.Pigeonhole;
using Funion.Sphinx;

namespace Funion.Hosting.Hops;

/// <summary>Who may put what on whose queue. Role assignments draw the same graph within a tenant.</summary>
public static class HopTopology
{
    /// <summary>The receiver's queue for what this sender has to say; null when it has nothing to say there.</summary>
    public static string? QueueFor(NetworkDocument document, NodeDescriptor sender, NodeDescriptor receiver)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(receiver);
        return (sender.Role, receiver.Role) switch
        {
            (NodeRole.Courier, NodeRole.Replica) => QueueNames.ReplicaIn,
            (NodeRole.Replica, NodeRole.Replica) when sender.Id != receiver.Id => QueueNames.ReplicaIn,
            (NodeRole.Replica, NodeRole.Courier) => QueueNames.CourierReplies,
            _ when document.MayFollow(sender.Id, receiver.Id) => QueueNames.In(receiver.Role),
            // A mix's own loop starts behind it, at the next layer, and after the last at a service: no other edge is needed.
            _ => null,
        };
    }

    /// <summary>The one size of what lies on a queue that others write.</summary>
    public static int MessageSize(NetworkDocument document, string queue)
    {
        ArgumentNullException.ThrowIfNull(document);
        PigeonholeGeometry pigeonhole = new(document.Geometry.UserPayload);
        return queue switch
        {
            QueueNames.ReplicaIn => pigeonhole.CommandSize,
            QueueNames.CourierReplies => pigeonhole.CourierReplySize,
            _ => new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops).PacketSize,
        };
    }
}
