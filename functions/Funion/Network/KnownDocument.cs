namespace Funion.Network;

/// <summary>What is remembered of the last accepted document, against rollback and forks.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Hash">BLAKE2b-256 of its canonical bytes.</param>
public sealed record KnownDocument(long Version, byte[] Hash)
{
    /// <summary>Of a document that was accepted.</summary>
    public static KnownDocument Of(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new KnownDocument(document.Version, document.Hash());
    }
}
