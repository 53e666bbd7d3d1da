namespace Funion.Client;

/// <summary>An operation ended without what was asked for; <see cref="Error"/> says why, the message in one sentence.</summary>
public sealed class FunionException(FunionError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public FunionError Error { get; } = error;
}
