using System.Diagnostics.CodeAnalysis;
using Funion.Tokens;

namespace Funion.Network;

/// <summary>
/// The issuer of a network that demands a token for every job: one key an epoch, the same for everybody, and held to the same pin, chain and second
/// gateway as the rest of the document. An issuer that could give each client a key of its own would know its tokens again.
/// </summary>
/// <param name="Address">Base URL of the issuer, or empty where it lives in the client's process. No gateway: it knows who somebody is.</param>
/// <param name="Batch">Tokens that a client gets for an epoch, everybody as many: a number of one's own would be a name.</param>
/// <param name="Keys">Encoded <see cref="TokenKey"/>s by network epoch, ascending: of the two epochs of the document, and of the one before.</param>
public sealed record IssuerEntry(string Address, int Batch, IReadOnlyList<EpochKey> Keys)
{
    /// <summary>The issuer's key of an epoch, if the document lists one.</summary>
    public bool TryGetKey(long epoch, [NotNullWhen(true)] out TokenKey? key)
    {
        key = null;
        return Keys.FirstOrDefault(listed => listed.Epoch == epoch) is { } found && TokenKey.TryParse(found.PublicKey, out key);
    }
}
