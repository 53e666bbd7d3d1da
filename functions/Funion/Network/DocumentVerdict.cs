namespace Funion.Network;

/// <summary>What <see cref="NetworkTrust"/> says of a document. Everything but <see cref="Accepted"/> is a refusal.</summary>
public enum DocumentVerdict
{
    /// <summary>Signed by enough pinned authorities, in time, and no step back.</summary>
    Accepted,

    /// <summary>Not the canonical form of a document.</summary>
    Malformed,

    /// <summary>A layout that this version does not know.</summary>
    UnsupportedFormat,

    /// <summary>Another network's document.</summary>
    OtherNetwork,

    /// <summary>A pinned authority's signature does not verify.</summary>
    SignatureInvalid,

    /// <summary>Fewer different pinned authorities than the pin asks for.</summary>
    NotEnoughSignatures,

    /// <summary>Signed, but breaks a rule of <see cref="NetworkRules"/>.</summary>
    RulesBroken,

    /// <summary>A version before the last that was accepted.</summary>
    OlderThanKnown,

    /// <summary>The version that was accepted last, with other content: the authorities, or somebody with their keys, made two.</summary>
    ConflictsWithKnown,

    /// <summary>The next version, which names another one as the one before.</summary>
    BrokenChain,

    /// <summary>Its time has not come.</summary>
    NotYetValid,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Another gateway shows another document.</summary>
    DiffersBetweenGateways,
}
