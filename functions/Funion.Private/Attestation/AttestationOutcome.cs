namespace Funion.Private.Attestation;

/// <summary>What came of verifying evidence: the first thing that is wrong.</summary>
public enum AttestationOutcome
{
    /// <summary>A measured enclave, now, with this identity.</summary>
    Ok,

    /// <summary>Not evidence.</summary>
    Malformed,

    /// <summary>Of the simulator, which proves nothing, and nobody asked for it.</summary>
    Simulated,

    /// <summary>Signed with a key that is not pinned.</summary>
    UnknownKey,

    /// <summary>Not signed with that key.</summary>
    WrongSignature,

    /// <summary>Of another attestation service.</summary>
    WrongIssuer,

    /// <summary>Not valid yet.</summary>
    NotYetValid,

    /// <summary>Not valid any more, or older than whoever verifies takes.</summary>
    Expired,

    /// <summary>Of another kind of hardware.</summary>
    WrongHardware,

    /// <summary>Somebody can look into it.</summary>
    Debuggable,

    /// <summary>Booted by something that the service does not vouch for.</summary>
    NotCompliant,

    /// <summary>A measurement that is not on the list.</summary>
    UnknownMeasurement,

    /// <summary>Firmware with flaws that are known.</summary>
    OldFirmware,

    /// <summary>Of other keys, another policy or another counter than the identity says.</summary>
    WrongBinding,

    /// <summary>Code by the identity is not the code that was measured.</summary>
    WrongCode,

    /// <summary>Not made for whoever gave this nonce.</summary>
    WrongNonce,
}
