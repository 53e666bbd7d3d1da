using Funion.Hosting.Hops;
using Funion.Network;
using NSec.Cryptography;

namespace Funion.Hosting.Cloud;

/// <summary>Nodes' signatures by NSec, Ed25519; the key format is libsodium's seed of 32 bytes, so either implementation reads the other's keys.</summary>
public static class NSecSignatures
{
    /// <summary>Signs with a node's identity.</summary>
    public static NodeSigner Signer(NodeKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return (message, signature) =>
        {
            using Key key = Key.Import(SignatureAlgorithm.Ed25519, keys.IdentitySeed.Span, KeyBlobFormat.RawPrivateKey);
            SignatureAlgorithm.Ed25519.Sign(key, message, signature);
        };
    }

    /// <summary>Verifies; false for any that is not valid, of any length.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out PublicKey? key)
        && signature.Length == SignatureAlgorithm.Ed25519.SignatureSize
        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);
}
