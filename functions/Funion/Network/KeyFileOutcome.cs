namespace Funion.Network;

/// <summary>What came of reading a secret file.</summary>
public enum KeyFileOutcome
{
    /// <summary>The keys are there.</summary>
    Loaded,

    /// <summary>No such file, or it cannot be read.</summary>
    Missing,

    /// <summary>Others than its owner may read or write it.</summary>
    TooOpen,

    /// <summary>Not a file of this kind, or damaged.</summary>
    Malformed,
}
