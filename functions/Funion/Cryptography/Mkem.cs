using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// Multi-recipient KEM over X25519, for two recipients and one reply from either.
/// <code>
/// key_j = BLAKE2b-256(X25519(eph, pk_j))    Ciphertext = nonce ‖ AEAD(mk, m)    DEK_j = nonce ‖ AEAD(key_j, mk)
/// reply = nonce ‖ AEAD(key_j, m)
/// </code>
/// A DEK and a reply share a key; the random nonce separates them, and a key serves one request and its replies only.
/// <list type="bullet">
/// <item>References: Echomix (arXiv 2501.02933), section 5; RFC 8439.</item>
/// <item>Parameters: keys 32 bytes, DEK 60, overhead of message and reply 28 each.</item>
/// </list>
/// </summary>
public static class Mkem
{
    /// <summary>Length of a public or private key in bytes.</summary>
    public const int KeySize = X25519.Size;

    /// <summary>Bytes that sealing adds to a message or a reply.</summary>
    public const int Overhead = ChaCha20Poly1305Ietf.NonceSize + ChaCha20Poly1305Ietf.TagSize;

    /// <summary>Length of a sealed message key in bytes.</summary>
    public const int DekSize = MessageKeySize + Overhead;

    const int MessageKeySize = 32;

    /// <summary>Seals a message to two recipients under one ephemeral key. Throws when a public key is of low order: the document's keys never are.</summary>
    public static MkemSealed Seal(ReadOnlySpan<byte> firstPublicKey, ReadOnlySpan<byte> secondPublicKey, ReadOnlySpan<byte> message)
    {
        SecretBytes ephemeral = new(KeySize);
        byte[] ephemeralPublicKey = new byte[KeySize];
        X25519.GenerateKeyPair(ephemeral.Span, ephemeralPublicKey);
        Span<byte> messageKey = stackalloc byte[MessageKeySize];
        RandomNumberGenerator.Fill(messageKey);
        try
        {
            byte[] ciphertext = new byte[message.Length + Overhead];
            SealWithKey(messageKey, message, ciphertext);
            return new MkemSealed(
                ephemeralPublicKey, SealKey(ephemeral.Span, firstPublicKey, messageKey), SealKey(ephemeral.Span, secondPublicKey, messageKey),
                ciphertext, ephemeral);
        }
        catch
        {
            ephemeral.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(messageKey);
        }
    }

    /// <summary>Opens a message with one recipient's key; false for anything that was not sealed to it.</summary>
    public static bool Open(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ephemeralPublicKey, ReadOnlySpan<byte> dek, ReadOnlySpan<byte> ciphertext,
        Span<byte> message)
    {
        Span<byte> key = stackalloc byte[MessageKeySize];
        Span<byte> messageKey = stackalloc byte[MessageKeySize];
        try
        {
            if (TryAgree(privateKey, ephemeralPublicKey, key) && OpenWithKey(key, dek, messageKey) && OpenWithKey(messageKey, ciphertext, message))
            {
                return true;
            }
            message.Clear();
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(messageKey);
        }
    }

    /// <summary>Seals a recipient's reply to the sender; false when the sender's key is of low order.</summary>
    public static bool SealReply(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ephemeralPublicKey, ReadOnlySpan<byte> reply, Span<byte> ciphertext)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, reply.Length + Overhead);
        Span<byte> key = stackalloc byte[MessageKeySize];
        bool agreed = TryAgree(privateKey, ephemeralPublicKey, key);
        if (agreed)
        {
            SealWithKey(key, reply, ciphertext);
        }
        CryptographicOperations.ZeroMemory(key);
        return agreed;
    }

    /// <summary>Opens the reply of the recipient whose public key this is.</summary>
    public static bool OpenReply(
        ReadOnlySpan<byte> ephemeralPrivateKey, ReadOnlySpan<byte> recipientPublicKey, ReadOnlySpan<byte> ciphertext, Span<byte> reply)
    {
        Span<byte> key = stackalloc byte[MessageKeySize];
        bool opened = TryAgree(ephemeralPrivateKey, recipientPublicKey, key) && OpenWithKey(key, ciphertext, reply);
        CryptographicOperations.ZeroMemory(key);
        if (!opened)
        {
            reply.Clear();
        }
        return opened;
    }

    static byte[] SealKey(ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> messageKey)
    {
        Span<byte> key = stackalloc byte[MessageKeySize];
        if (!TryAgree(ephemeral, publicKey, key))
        {
            throw new ArgumentException("A recipient's public key is of low order.", nameof(publicKey));
        }
        byte[] dek = new byte[DekSize];
        SealWithKey(key, messageKey, dek);
        CryptographicOperations.ZeroMemory(key);
        return dek;
    }

    static bool TryAgree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> key)
    {
        Span<byte> shared = stackalloc byte[X25519.Size];
        bool agreed = X25519.Agree(privateKey, publicKey, shared);
        Blake2b.Hash256(shared, key);
        CryptographicOperations.ZeroMemory(shared);
        return agreed;
    }

    static void SealWithKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, Span<byte> sealedBytes)
    {
        Span<byte> nonce = sealedBytes[..ChaCha20Poly1305Ietf.NonceSize];
        RandomNumberGenerator.Fill(nonce);
        ChaCha20Poly1305Ietf.Encrypt(key, nonce, plaintext, sealedBytes[ChaCha20Poly1305Ietf.NonceSize..]);
    }

    static bool OpenWithKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext)
    {
        // What was sealed comes from somebody else: a length that does not fit is a refusal, not an error of ours.
        return sealedBytes.Length == plaintext.Length + Overhead && ChaCha20Poly1305Ietf.Decrypt(
            key, sealedBytes[..ChaCha20Poly1305Ietf.NonceSize], sealedBytes[ChaCha20Poly1305Ietf.NonceSize..], plaintext);
    }
}
