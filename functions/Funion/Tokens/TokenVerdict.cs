namespace Funion.Tokens;

/// <summary>What a token is worth to whom it is shown. For tests and counters: who shows one is never told.</summary>
public enum TokenVerdict
{
    /// <summary>Granted by this issuer for this.</summary>
    Valid,

    /// <summary>Of another issuer, or another epoch's key.</summary>
    OtherKey,

    /// <summary>For another network, epoch or node.</summary>
    OtherChallenge,

    /// <summary>Not signed.</summary>
    InvalidSignature,
}
