using Funion.Network;

namespace Funion.Roles;

/// <summary>One thing a role does to the world. Each is safe to repeat; a crash point lies after each.</summary>
public abstract record Effect
{
    private Effect() { }

    /// <summary>Stores a value; one that is there already stays. When the store is full the work waits for room, or goes on without it.</summary>
    public sealed record Put(StoreKey Key, ReadOnlyMemory<byte> Value, bool IfRoom = false) : Effect;

    /// <summary>Stores a value over whatever is there.</summary>
    public sealed record Overwrite(StoreKey Key, ReadOnlyMemory<byte> Value) : Effect;

    /// <summary>Deletes a value.</summary>
    public sealed record Delete(StoreKey Key) : Effect;

    /// <summary>Puts a message on one of this node's own queues, invisible for <paramref name="Delay"/>.</summary>
    public sealed record Enqueue(string Queue, ReadOnlyMemory<byte> Message, TimeSpan Delay) : Effect;

    /// <summary>Removes a message of this node's own queues that the work took in passing.</summary>
    public sealed record Complete(Delivery Delivery) : Effect;

    /// <summary>Hands a message to another node's queue.</summary>
    public sealed record Send(NodeId To, string Queue, ReadOnlyMemory<byte> Message) : Effect;
}
