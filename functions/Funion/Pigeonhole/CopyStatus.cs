namespace Funion.Pigeonhole;

/// <summary>What a courier says of a copy.</summary>
public enum CopyStatus : byte
{
    /// <summary>Every box is written.</summary>
    Done = 0,

    /// <summary>Still reading or writing.</summary>
    InProgress = 1,

    /// <summary>Given up; where it was is not said.</summary>
    Failed = 2,
}
