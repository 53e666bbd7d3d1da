namespace Funion.Bacap;

/// <summary>What a box turned out to be.</summary>
public enum OpenOutcome
{
    /// <summary>The plaintext is there.</summary>
    Opened,

    /// <summary>The writer deleted the box.</summary>
    Tombstone,

    /// <summary>It is another box than the one asked for.</summary>
    BoxMismatch,

    /// <summary>The writer did not sign this.</summary>
    SignatureInvalid,

    /// <summary>Signed, but not encrypted under this context's key.</summary>
    DecryptFailed,
}
