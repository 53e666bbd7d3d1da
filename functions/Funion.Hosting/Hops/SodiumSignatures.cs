using Funion.Cryptography;
using Funion.Network;

namespace Funion.Hosting.Hops;

/// <summary>Signatures by the libsodium that the protocol uses anyway.</summary>
public static class SodiumSignatures
{
    /// <summary>Signs with a node's identity.</summary>
    public static NodeSigner Signer(NodeKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return (message, signature) => Ed25519.Sign(keys.IdentitySeed.Span, keys.IdentityKey, message, signature);
    }
}
