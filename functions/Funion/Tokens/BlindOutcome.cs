namespace Funion.Tokens;

/// <summary>What came of blinding a message (RFC 9474 section 4.2).</summary>
public enum BlindOutcome
{
    /// <summary>The blinded message and its inverse are there.</summary>
    Blinded,

    /// <summary>The blind has no inverse. Drawing again helps, unless the modulus was made with small factors.</summary>
    BlindingError,

    /// <summary>The encoded message and the modulus have a common factor: this is not a sound key.</summary>
    InvalidInput,
}
