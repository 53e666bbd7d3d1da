namespace Funion.Private.Protocol;

/// <summary>What came of reading an architecture.</summary>
public enum ArchitectureOutcome
{
    /// <summary>A network without weights.</summary>
    Ok,

    /// <summary>Not such bytes, or layers that do not fit each other.</summary>
    Malformed,

    /// <summary>Larger than this client takes on: bytes, layers, values or windows.</summary>
    TooLarge,

    /// <summary>A network, but not one that can be run by two parties: its noise or its messages are out of bounds.</summary>
    Unsuitable,

    /// <summary>Not the one that was promised.</summary>
    WrongDigest,
}
