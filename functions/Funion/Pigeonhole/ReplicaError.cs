namespace Funion.Pigeonhole;

/// <summary>What a replica says. Sealed to the client: the courier sees none of it.</summary>
public enum ReplicaError : byte
{
    /// <summary>Done.</summary>
    None = 0,

    /// <summary>Nothing is stored there.</summary>
    BoxIdNotFound = 1,

    /// <summary>Not the id of a box.</summary>
    InvalidBoxId = 2,

    /// <summary>The signature does not verify under the box id.</summary>
    InvalidSignature = 3,

    /// <summary>The store failed, or what it holds is damaged.</summary>
    DatabaseFailure = 4,

    /// <summary>The request or the ciphertext has a wrong size or form.</summary>
    InvalidPayload = 5,

    /// <summary>No room.</summary>
    StorageFull = 6,

    /// <summary>The replica failed.</summary>
    InternalError = 7,

    /// <summary>The request is of another epoch.</summary>
    InvalidEpoch = 8,

    /// <summary>The other shard could not be reached.</summary>
    ReplicationFailed = 9,

    /// <summary>Other bytes are stored there already.</summary>
    BoxAlreadyExists = 10,

    /// <summary>The writer deleted the box; the tombstone is in the answer.</summary>
    Tombstone = 11,
}
