namespace Funion.Private.Enclaves;

/// <summary>Why an enclave does not do what it was told. A closed list, one byte on the wire.</summary>
public enum EnclaveRefusal : byte
{
    /// <summary>No refusal.</summary>
    None,

    /// <summary>Not a message of this protocol, or not one that is due.</summary>
    Malformed,

    /// <summary>State that is not the newest of this enclave, or not of this enclave: rolled back, or another's.</summary>
    WrongState,

    /// <summary>No such model, or one whose weights have not all passed by.</summary>
    UnknownModel,

    /// <summary>Weights other than those that the owner meant.</summary>
    WrongWeights,

    /// <summary>Not signed by the owner whom the policy names, or of another model.</summary>
    WrongOwner,

    /// <summary>Not sealed to this enclave, or changed.</summary>
    CannotOpen,

    /// <summary>The policy does not let this one ask.</summary>
    NotAllowed,

    /// <summary>All questions that the policy grants have been asked.</summary>
    QuotaSpent,

    /// <summary>A question that was asked before.</summary>
    Replayed,

    /// <summary>The asker has a receipt that is newer than this enclave's state: it was rolled back.</summary>
    RolledBack,

    /// <summary>No such query, or not in this step.</summary>
    UnknownQuery,

    /// <summary>A product that is not that of the weights and of what was asked. The query is over.</summary>
    WrongAnswer,

    /// <summary>As many models or queries as it takes.</summary>
    Full,

    /// <summary>The question names a counter so old that it may have been asked before: ask with newer evidence.</summary>
    Stale,

    /// <summary>A step that was gone on from after as many restarts as are allowed. The question has to be asked again.</summary>
    ResumedTooOften,

    /// <summary>The enclave's process could not be locked up, and does not start.</summary>
    NotLocked,

    /// <summary>Another enclave's process has the file that stands for the hardware, and this one does not start.</summary>
    InUse,

    /// <summary>The file that stands for the hardware cannot be opened, or is none, and the enclave does not start.</summary>
    NoHardware,
}
