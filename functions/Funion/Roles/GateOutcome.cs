namespace Funion.Roles;

/// <summary>What the gate found.</summary>
public enum GateOutcome
{
    /// <summary>Nothing was there (or it was overwritten): do the work.</summary>
    Opened,

    /// <summary>The same value was there: an earlier attempt at this work, which may not have finished. Finish it.</summary>
    Reopened,

    /// <summary>Another value is there: somebody else's work. Do not do it again.</summary>
    Closed,

    /// <summary>The store is full. Only told to work that has an answer to it.</summary>
    Full,
}
