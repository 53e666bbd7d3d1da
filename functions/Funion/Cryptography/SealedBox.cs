using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// Seals a message to one recipient, anonymously: how a job reaches compute.
/// <code>
/// ct 32 ‖ AES-256-GCM-SIV(ss, nonce 0, aad info, message)        (ct, ss) = KEM.Encapsulate(pk, info)
/// </code>
/// The nonce is fixed because every key is a fresh shared secret that seals one message.
/// <list type="bullet">
/// <item>References: RFC 8452; the KEM is <see cref="Kem.X25519"/>.</item>
/// <item>Parameters: keys 32 bytes, overhead 48.</item>
/// </list>
/// </summary>
public static class SealedBox
{
    /// <summary>Bytes that sealing adds.</summary>
    public const int Overhead = X25519.Size + 16;

    const int NonceSize = 12;

    /// <summary>Seals a message. Throws when the public key is of low order.</summary>
    public static void Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> message, Span<byte> sealedMessage)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealedMessage.Length, message.Length + Overhead);
        Span<byte> key = stackalloc byte[Kem.SharedSecretSize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        nonce.Clear();
        if (!Kem.X25519.Encapsulate(publicKey, info, sealedMessage[..X25519.Size], key))
        {
            throw new ArgumentException("The public key is of low order.", nameof(publicKey));
        }
        AesGcmSiv.Encrypt(key, nonce, info, message, sealedMessage[X25519.Size..]);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Opens a sealed message; false for anything that was not sealed to this key with this info.</summary>
    public static bool Open(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> sealedMessage, Span<byte> message)
    {
        if (sealedMessage.Length < Overhead || message.Length != sealedMessage.Length - Overhead)
        {
            message.Clear();
            return false;
        }
        Span<byte> key = stackalloc byte[Kem.SharedSecretSize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        nonce.Clear();
        bool opened = Kem.X25519.Decapsulate(privateKey, publicKey, sealedMessage[..X25519.Size], info, key)
            && AesGcmSiv.Decrypt(key, nonce, info, sealedMessage[X25519.Size..], message);
        CryptographicOperations.ZeroMemory(key);
        if (!opened)
        {
            message.Clear();
        }
        return opened;
    }
}
