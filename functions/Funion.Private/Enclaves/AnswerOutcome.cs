namespace Funion.Private.Enclaves;

/// <summary>What came of opening an enclave's answer.</summary>
public enum AnswerOutcome
{
    /// <summary>Opened, and the receipt holds.</summary>
    Ok,

    /// <summary>Not of the length of an answer of this model.</summary>
    Malformed,

    /// <summary>No receipt of this enclave for this question, this model and this answer.</summary>
    WrongReceipt,

    /// <summary>The receipt is not newer than one that was seen: the enclave was rolled back.</summary>
    RolledBack,

    /// <summary>Sealed for somebody else.</summary>
    CannotOpen,
}
