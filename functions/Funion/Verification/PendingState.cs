namespace Funion.Verification;

/// <summary>What became of a query that waits to be checked.</summary>
public enum PendingState : byte
{
    /// <summary>It waits.</summary>
    Open = 0,

    /// <summary>A round confirmed its answer.</summary>
    Confirmed = 1,

    /// <summary>The round was aborted: whatever answer there was is worth nothing.</summary>
    Refused = 2,
}
