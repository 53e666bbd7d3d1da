using Funion.Tokens;

namespace Funion.Network;

/// <summary>The rules for a network that demands tokens.</summary>
static class TokenRules
{
    /// <summary>Whether an invitation may be sent there: it is a secret that does not expire.</summary>
    public static bool IsIssuer(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    public static IEnumerable<string> Broken(NetworkDocument document)
    {
        if (document.Issuer is not { } issuer)
        {
            yield break;
        }
        if (issuer.Batch is < 1 or > TokenBatch.Most)
        {
            yield return $"A client gets 1 to {TokenBatch.Most} tokens for an epoch.";
        }
        if (issuer.Address.Length > 0 && !(Uri.TryCreate(issuer.Address, UriKind.Absolute, out Uri? address) && IsIssuer(address)))
        {
            yield return "The issuer's address is no https URL, nor one of this machine.";
        }
        // Jobs of the epoch before are still taken for a while, and paid with its tokens.
        if (issuer.Keys.Zip(issuer.Keys.Skip(1)).Any(pair => pair.First.Epoch >= pair.Second.Epoch)
            || issuer.Keys.Any(key => key.Epoch < document.Epoch - 1 || key.Epoch > document.Epoch + 1)
            || issuer.Keys.Count(key => key.Epoch >= document.Epoch) != 2)
        {
            yield return $"The issuer needs one key for each of the epochs {document.Epoch} and {document.Epoch + 1}, and may have that of the one before.";
        }
        List<byte> ids = [];
        foreach (EpochKey listed in issuer.Keys)
        {
            if (!TokenKey.TryParse(listed.PublicKey, out TokenKey? key))
            {
                yield return $"The issuer's key of epoch {listed.Epoch} is no RSASSA-PSS key of 2048 bits with SHA-384.";
                continue;
            }
            ids.Add(key.TruncatedId);
        }
        // Two epochs with one key would be one epoch to whoever issues: it does not see for which a token is (RFC 9578 section 6.5 on collisions).
        if (ids.Distinct().Count() != ids.Count)
        {
            yield return "Two of the issuer's keys have the same truncated id.";
        }
    }
}
