using System.Diagnostics.CodeAnalysis;

namespace Funion.Network;

/// <summary>
/// Decides whether a document is believed. The bytes come from whoever runs the gateway, who would like to hand out a network of
/// its own: the pin, the version, the chain and the time are checked before anything in the document is used.
/// </summary>
public sealed class NetworkTrust(TrustedAuthorities trusted)
{
    /// <summary>The pin.</summary>
    public TrustedAuthorities Trusted { get; } = trusted ?? throw new ArgumentNullException(nameof(trusted));

    /// <summary>Checks signed bytes against the pin, the clock and the last accepted document, if there was one.</summary>
    /// <param name="signedBytes">As <see cref="SignedNetworkDocument"/> writes them; hostile.</param>
    /// <param name="now">The time.</param>
    /// <param name="known">The last accepted document, or null.</param>
    /// <param name="document">Not null exactly when accepted.</param>
    public DocumentVerdict Check(
        ReadOnlySpan<byte> signedBytes, DateTimeOffset now, KnownDocument? known, [MaybeNull] out NetworkDocument document)
    {
        document = null;
        if (!SignedNetworkDocument.TryParse(signedBytes, out SignedNetworkDocument? signed))
        {
            return DocumentVerdict.Malformed;
        }

        DocumentVerdict verdict = CheckOrigin(signed);
        verdict = verdict == DocumentVerdict.Accepted ? CheckHistory(signed.Document, known) : verdict;
        verdict = verdict == DocumentVerdict.Accepted ? CheckTime(signed.Document, now) : verdict;
        document = verdict == DocumentVerdict.Accepted ? signed.Document : null;
        return verdict;
    }

    /// <summary>
    /// Compares an accepted document with what a second gateway shows. A client that is handed a document of its own, signed by
    /// authorities that were coerced, finds out here.
    /// </summary>
    public static DocumentVerdict CheckSecond(NetworkDocument accepted, ReadOnlySpan<byte> signedBytes)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        return SignedNetworkDocument.TryParse(signedBytes, out SignedNetworkDocument? second)
            && second.Document.Hash().AsSpan().SequenceEqual(accepted.Hash())
                ? DocumentVerdict.Accepted
                : DocumentVerdict.DiffersBetweenGateways;
    }

    DocumentVerdict CheckOrigin(SignedNetworkDocument signed)
    {
        if (signed.Document.Format != NetworkDocument.CurrentFormat)
        {
            return DocumentVerdict.UnsupportedFormat;
        }

        if (signed.Document.Name != Trusted.Network)
        {
            return DocumentVerdict.OtherNetwork;
        }

        if (!signed.TryCountSigners(Trusted, out int signers))
        {
            return DocumentVerdict.SignatureInvalid;
        }

        if (signers < Trusted.Threshold)
        {
            return DocumentVerdict.NotEnoughSignatures;
        }

        return NetworkRules.Broken(signed.Document, NetworkRules.FewestReplicas).Count == 0
            ? DocumentVerdict.Accepted
            : DocumentVerdict.RulesBroken;
    }

    // A gap of versions is no refusal: a client that was away for a week has not seen those between.
    static DocumentVerdict CheckHistory(NetworkDocument document, KnownDocument? known)
    {
        if (known is null || document.Version > known.Version + 1)
        {
            return DocumentVerdict.Accepted;
        }

        if (document.Version < known.Version)
        {
            return DocumentVerdict.OlderThanKnown;
        }

        return document.Version == known.Version
            ? known.Hash.AsSpan().SequenceEqual(document.Hash()) ? DocumentVerdict.Accepted : DocumentVerdict.ConflictsWithKnown
            : known.Hash.AsSpan().SequenceEqual(document.Previous) ? DocumentVerdict.Accepted : DocumentVerdict.BrokenChain;
    }

    static DocumentVerdict CheckTime(NetworkDocument document, DateTimeOffset now) =>
        now < document.ValidAfter ? DocumentVerdict.NotYetValid
        : now >= document.ValidUntil ? DocumentVerdict.Expired
        : DocumentVerdict.Accepted;
}
