namespace Funion.Private.Direct;

/// <summary>What came of greeting a provider, or of being greeted.</summary>
public enum DirectOutcome
{
    /// <summary>The line is sealed.</summary>
    Ok,

    /// <summary>The other side left, or said nothing in time.</summary>
    Closed,

    /// <summary>Another protocol, or another version of it.</summary>
    Malformed,

    /// <summary>Whoever answers does not have the provider's key: somebody stands between, or in its place.</summary>
    NotTheProvider,

    /// <summary>The provider offers no such model.</summary>
    NoSuchModel,
}
