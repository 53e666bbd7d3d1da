using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Hosting.Hops;
using Funion.Network;

namespace Funion.Tests.Hosting;

/// <summary>Signatures of nodes by every implementation: each reads the same key file, and each takes what another signed.</summary>
public sealed class NodeSignaturesTests : IDisposable
{
    readonly NodeKeys _keys = NodeKeys.Generate(NodeRole.Mix, 1, 0, 3_000, 1);

    /// <summary>The signer's name, and the verifier's.</summary>
    public static TheoryData<string, string> Pairs => new()
    {
        { "sodium", "sodium" },
#if AZURE
        { "nsec", "nsec" },
        { "nsec", "sodium" },
        { "sodium", "nsec" },
#endif
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_one_signs_another_verifies_and_nothing_else(string signer, string verifier)
    {
        NodeVerifier verify = Verifier(verifier);
        foreach (int length in (int[])[0, 1, 100, 40_000])
        {
            byte[] message = RandomNumberGenerator.GetBytes(length), signature = new byte[Ed25519.SignatureSize];
            Signer(signer, _keys)(message, signature);
            Assert.True(verify(_keys.IdentityKey, message, signature));
            Assert.False(verify(_keys.IdentityKey, [.. message, 0], signature));
            using NodeKeys other = NodeKeys.Generate(NodeRole.Mix, 1, 0, 3_000, 1);
            Assert.False(verify(other.IdentityKey, message, signature));
            for (int bit = 0; bit < 8 * signature.Length; bit++)
            {
                signature[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(verify(_keys.IdentityKey, message, signature), $"bit {bit}");
                signature[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_key_file_signs_the_same_wherever_it_is_read(string signer, string verifier)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("funion-keys").FullName, "mix-1-0.keys");
        try
        {
            _keys.Save(file);
            Assert.Equal(KeyFileOutcome.Loaded, NodeKeys.Load(file, out NodeKeys? loaded));
            using (loaded)
            {
                // Ed25519 is deterministic: one key, one message, one signature.
                byte[] one = new byte[Ed25519.SignatureSize], two = new byte[Ed25519.SignatureSize];
                Signer(signer, _keys)("a hop"u8, one);
                Signer(verifier, loaded!)("a hop"u8, two);
                Assert.Equal(one, two);
                Assert.True(Verifier(verifier)(loaded!.IdentityKey, "a hop"u8, one));
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Hostile_keys_and_signatures_of_any_length_are_refused(string signer, string verifier)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Signer(signer, _keys)("a hop"u8, signature);
        NodeVerifier verify = Verifier(verifier);
        foreach (int length in (int[])[0, 1, 31, 32, 33, 63, 64, 65, 128])
        {
            byte[] bytes = new byte[length];
            Assert.False(verify(_keys.IdentityKey, "a hop"u8, bytes));
            Assert.False(verify(bytes, "a hop"u8, signature));
            Array.Fill(bytes, (byte)0xff);
            Assert.False(verify(_keys.IdentityKey, "a hop"u8, bytes));
            Assert.False(verify(bytes, "a hop"u8, signature));
        }
    }

    public void Dispose() => _keys.Dispose();

    static NodeSigner Signer(string name, NodeKeys keys) => name switch
    {
#if AZURE
        "nsec" => Funion.Hosting.Cloud.NSecSignatures.Signer(keys),
#endif
        _ => SodiumSignatures.Signer(keys),
    };

    static NodeVerifier Verifier(string name) => name switch
    {
#if AZURE
        "nsec" => Funion.Hosting.Cloud.NSecSignatures.Verify,
#endif
        _ => Ed25519.Verify,
    };
}
