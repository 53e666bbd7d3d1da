namespace Funion.Network;

/// <summary>What a node does. In the document the names are written in lower case.</summary>
public enum NodeRole
{
    /// <summary>HTTP ingress and mailboxes; the first hop of every packet and the last of every reply.</summary>
    Gateway,

    /// <summary>One of three layers that delay and forward.</summary>
    Mix,

    /// <summary>Passes sealed envelopes to replicas.</summary>
    Courier,

    /// <summary>Stores boxes.</summary>
    Replica,

    /// <summary>Runs models.</summary>
    Compute,
}
