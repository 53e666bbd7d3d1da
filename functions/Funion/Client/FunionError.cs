namespace Funion.Client;

/// <summary>Why an operation ended without what was asked for.</summary>
public enum FunionError
{
    /// <summary>The network has no such model, or not with this bucket.</summary>
    NoSuchModel,

    /// <summary>The input does not fit the model.</summary>
    BadInput,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The gateway cannot be reached.</summary>
    Unreachable,

    /// <summary>Nothing is stored there, or it was deleted.</summary>
    NotFound,

    /// <summary>What came back is not what was written.</summary>
    Damaged,

    /// <summary>A replica or the compute service refused.</summary>
    Refused,

    /// <summary>The network demands tokens, and none is left for this epoch.</summary>
    NoToken,
}
