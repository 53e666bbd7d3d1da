namespace Funion.Verification;

/// <summary>What is known of a provider's model.</summary>
public enum AccuracyVerdict
{
    /// <summary>Too little evidence.</summary>
    Undecided,

    /// <summary>It is as good as promised.</summary>
    AsPromised,

    /// <summary>It is another, worse one.</summary>
    Substitute,
}
