namespace Funion.Tokens;

/// <summary>What an issuer answers; the values are the wire's.</summary>
public enum IssueOutcome
{
    /// <summary>Signed, all of them.</summary>
    Issued = 0,

    /// <summary>Not a batch of requests.</summary>
    Malformed = 1,

    /// <summary>The issuer has no key for this epoch, or the requests are for another key.</summary>
    UnknownKey = 2,

    /// <summary>The budget does not allow it. None is signed: a part would tell which of them were wanted first.</summary>
    NotGranted = 3,

    /// <summary>The signing failed; the same batch may be sent again.</summary>
    Failed = 4,
}
