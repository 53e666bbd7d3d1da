namespace Funion.Client;

/// <summary>What became of a read or a write.</summary>
public enum BoxStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Nothing is stored there.</summary>
    NotFound,

    /// <summary>The writer deleted the box.</summary>
    Tombstone,

    /// <summary>Other bytes are stored there already.</summary>
    AlreadyExists,

    /// <summary>What replicas gave was not what the writer wrote, from several of them.</summary>
    Damaged,

    /// <summary>The replicas or the courier refused, or did not answer.</summary>
    Failed,
}
