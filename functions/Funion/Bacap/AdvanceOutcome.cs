namespace Funion.Bacap;

/// <summary>What became of moving an index.</summary>
public enum AdvanceOutcome
{
    /// <summary>The index is there.</summary>
    Advanced,

    /// <summary>The target lies behind: the ratchet only goes forward.</summary>
    CannotRewind,
}
