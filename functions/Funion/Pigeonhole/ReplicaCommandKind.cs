namespace Funion.Pigeonhole;

/// <summary>What a message to a replica is.</summary>
public enum ReplicaCommandKind : byte
{
    /// <summary>A courier's envelope.</summary>
    Envelope = 1,

    /// <summary>Another replica's request for a box that it does not hold; never passed on again.</summary>
    Proxied = 2,

    /// <summary>The answer to such a request.</summary>
    ProxyAnswer = 3,

    /// <summary>A box that the other shard took.</summary>
    Replicate = 4,

    /// <summary>A slot in which there was nothing to say. Answered like any other.</summary>
    Decoy = 5,

    /// <summary>A reply in which there was nothing to say.</summary>
    DecoyReply = 6,
}
