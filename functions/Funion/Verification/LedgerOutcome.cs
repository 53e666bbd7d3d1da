namespace Funion.Verification;

/// <summary>What came of reading or writing a ledger.</summary>
public enum LedgerOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>Another process has it just now.</summary>
    Busy,

    /// <summary>It is not what this program wrote last: damaged, changed, taken away, or an older one put in its place.</summary>
    Tampered,

    /// <summary>Others than its owner may read or write it.</summary>
    TooOpen,

    /// <summary>It cannot be written.</summary>
    Unwritable,

    /// <summary>It has as many records as it takes.</summary>
    Full,
}
