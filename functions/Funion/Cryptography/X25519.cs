using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// X25519.
/// <list type="bullet">
/// <item>References: RFC 7748.</item>
/// <item>Parameters: private key, public key and shared secret 32 bytes.</item>
/// </list>
/// The shared secret is not uniform and the curve ignores bit 255 of a public key: hash it with both before use (<see cref="Kem"/>).
/// </summary>
public static class X25519
{
    /// <summary>Length of every value in bytes.</summary>
    public const int Size = 32;

    /// <summary>A fresh key pair.</summary>
    public static void GenerateKeyPair(Span<byte> privateKey, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, Size);
        RandomNumberGenerator.Fill(privateKey);
        PublicKey(privateKey, publicKey);
    }

    /// <summary>The public key of a private key.</summary>
    public static unsafe void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* q = publicKey, n = privateKey)
        {
            Libsodium.crypto_scalarmult_curve25519_base(q, n);
        }
    }

    /// <summary>Agrees on a shared secret; false, and zeros, when their key is of low order.</summary>
    public static unsafe bool Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> theirPublicKey, Span<byte> sharedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(theirPublicKey.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* s = sharedSecret, n = privateKey, p = theirPublicKey)
        {
            if (Libsodium.crypto_scalarmult_curve25519(s, n, p) == 0)
            {
                return true;
            }
        }
        sharedSecret.Clear();
        return false;
    }
}
