namespace Funion.Verification;

/// <summary>What came of drawing samples.</summary>
public enum DrawOutcome
{
    /// <summary>They are drawn, and will not be again.</summary>
    Drawn,

    /// <summary>Not so many are left.</summary>
    TooFew,

    /// <summary>Another process draws just now.</summary>
    Busy,

    /// <summary>What was drawn before is not known any more: a note of it is damaged, or others may write it.</summary>
    Damaged,

    /// <summary>The note cannot be written, so nothing was drawn.</summary>
    Unwritable,
}
