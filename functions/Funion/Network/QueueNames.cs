namespace Funion.Network;

/// <summary>The queues of a node, by name. Every node has its own account, so that a name needs no node in it.</summary>
public static class QueueNames
{
    /// <summary>Packets and replies that reach a gateway.</summary>
    public const string GatewayIn = "gateway-in";

    /// <summary>A gateway's own delay.</summary>
    public const string GatewayOut = "gateway-out";

    /// <summary>Packets that reach a mix.</summary>
    public const string MixIn = "mix-in";

    /// <summary>A mix's own delay.</summary>
    public const string MixOut = "mix-out";

    /// <summary>Packets that reach a courier.</summary>
    public const string CourierIn = "courier-in";

    /// <summary>A courier's own delay.</summary>
    public const string CourierOut = "courier-out";

    /// <summary>Replicas' replies to a courier.</summary>
    public const string CourierReplies = "courier-replies";

    /// <summary>Steps of a courier's copies.</summary>
    public const string Copies = "copies";

    /// <summary>Messages of couriers and of other replicas to a replica.</summary>
    public const string ReplicaIn = "replica-in";

    /// <summary>Packets that reach compute.</summary>
    public const string ComputeIn = "compute-in";

    /// <summary>Compute's own delay.</summary>
    public const string ComputeOut = "compute-out";

    /// <summary>Tokens of the node's Poisson slots.</summary>
    public const string Slots = "slots";

    /// <summary>What waits for a slot of this node's link to a replica.</summary>
    public static string Link(NodeDescriptor replica)
    {
        ArgumentNullException.ThrowIfNull(replica);
        return $"link-{replica.Index}";
    }

    /// <summary>What waits for a reply to a courier or to another replica.</summary>
    public static string Answers(NodeDescriptor peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Role == NodeRole.Courier ? $"answers-courier-{peer.Index}" : $"answers-{peer.Index}";
    }

    /// <summary>Whether a queue holds what waits for a slot: only its own node puts anything there.</summary>
    public static bool WaitsForSlot(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.StartsWith("link-", StringComparison.Ordinal) || queue.StartsWith("answers-", StringComparison.Ordinal);
    }

    /// <summary>Where others put what is meant for a node of this role.</summary>
    public static string In(NodeRole role) => role switch
    {
        NodeRole.Gateway => GatewayIn,
        NodeRole.Mix => MixIn,
        NodeRole.Courier => CourierIn,
        NodeRole.Replica => ReplicaIn,
        NodeRole.Compute => ComputeIn,
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    /// <summary>Where a node of this role holds what it delays. A replica delays nothing.</summary>
    public static string Out(NodeRole role) => role switch
    {
        NodeRole.Gateway => GatewayOut,
        NodeRole.Mix => MixOut,
        NodeRole.Courier => CourierOut,
        NodeRole.Compute => ComputeOut,
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
