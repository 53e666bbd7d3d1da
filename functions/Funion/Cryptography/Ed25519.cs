using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// Ed25519.
/// <list type="bullet">
/// <item>References: RFC 8032.</item>
/// <item>Parameters: seed and public key 32 bytes, signature 64.</item>
/// </list>
/// </summary>
public static class Ed25519
{
    /// <summary>Length of a seed in bytes.</summary>
    public const int SeedSize = 32;

    /// <summary>Length of a public key in bytes.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>A fresh key pair.</summary>
    public static void GenerateKeyPair(Span<byte> seed, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize);
        RandomNumberGenerator.Fill(seed);
        PublicKey(seed, publicKey);
    }

    /// <summary>The public key of a seed.</summary>
    public static unsafe void PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, PublicKeySize);
        Libsodium.EnsureInitialized();
        Span<byte> secretKey = stackalloc byte[64];
        fixed (byte* p = publicKey, s = secretKey, d = seed)
        {
            Libsodium.crypto_sign_ed25519_seed_keypair(p, s, d);
        }
        CryptographicOperations.ZeroMemory(secretKey);
    }

    /// <summary>Signs a message.</summary>
    public static unsafe void Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, PublicKeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, SignatureSize);
        Libsodium.EnsureInitialized();
        Span<byte> secretKey = stackalloc byte[64];
        seed.CopyTo(secretKey);
        publicKey.CopyTo(secretKey[SeedSize..]);
        fixed (byte* g = signature, m = message, s = secretKey)
        {
            Libsodium.crypto_sign_ed25519_detached(g, null, m, (ulong)message.Length, s);
        }
        CryptographicOperations.ZeroMemory(secretKey);
    }

    /// <summary>Verifies a signature; false for any that is not valid, of any length.</summary>
    public static unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeySize || signature.Length != SignatureSize)
        {
            return false;
        }
        Libsodium.EnsureInitialized();
        fixed (byte* g = signature, m = message, p = publicKey)
        {
            return Libsodium.crypto_sign_ed25519_verify_detached(g, m, (ulong)message.Length, p) == 0;
        }
    }
}
