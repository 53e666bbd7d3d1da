namespace Funion.Bacap;

/// <summary>What became of moving an index.</summary>
public enum AdvanceOutcome
{
    /// <summary>The index is there.</summary>
    Advanced,

    /// <summary>The target lies behind: the ratchet only goes forward.</summary>
    CannotRewind,

    /// <summary>There is no index after 2⁶⁴ − 1.</summary>
    IndexExhausted,
}
