namespace Funion.Verification;

/// <summary>What came of reading or writing pending queries.</summary>
public enum PendingOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>Another process has them just now.</summary>
    Busy,

    /// <summary>The file is damaged, or others may write it.</summary>
    Damaged,

    /// <summary>More than are kept.</summary>
    Full,

    /// <summary>They cannot be written.</summary>
    Unwritable,
}
