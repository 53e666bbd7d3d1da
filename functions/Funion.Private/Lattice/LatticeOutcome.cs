namespace Funion.Private.Lattice;

/// <summary>What came of reading ciphertexts or a key that somebody else made.</summary>
public enum LatticeOutcome
{
    /// <summary>Sound.</summary>
    Ok,

    /// <summary>Not as many bytes as parameters and layer say.</summary>
    WrongLength,

    /// <summary>A padding bit is set: one value would have two encodings.</summary>
    NotCanonical,
}
