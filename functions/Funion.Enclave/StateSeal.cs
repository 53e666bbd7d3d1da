using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Enclave;

/// <summary>What leaves the enclave to come back to it: under the platform's key for this code.</summary>
/// <param name="platform">What hardware does.</param>
/// <param name="code">Hash of this code.</param>
sealed class StateSeal(Platform platform, Bytes32 code)
{
    const int NonceSize = AesGcmSiv.NonceSize;

    /// <summary>What something sealed is called.</summary>
    public static Bytes32 Hash(ReadOnlySpan<byte> sealedBytes)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256(sealedBytes, hash);
        return new Bytes32(hash);
    }

    /// <summary>Seals; the plain bytes are wiped.</summary>
    public byte[] Seal(ReadOnlySpan<byte> label, Span<byte> plain)
    {
        Span<byte> key = stackalloc byte[AesGcmSiv.KeySize];
        platform.SealingKey(code, key);
        byte[] message = new byte[NonceSize + plain.Length + AesGcmSiv.TagSize];
        // Random, under a cipher that a nonce drawn twice does not break.
        RandomNumberGenerator.Fill(message.AsSpan(0, NonceSize));
        AesGcmSiv.Encrypt(key, message.AsSpan(0, NonceSize), label, plain, message.AsSpan(NonceSize));
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(plain);
        return message;
    }

    /// <summary>Opens what was sealed under this label, here; null for anything else. Whoever called wipes it.</summary>
    public byte[]? Open(ReadOnlySpan<byte> label, ReadOnlySpan<byte> message)
    {
        if (message.Length < NonceSize + AesGcmSiv.TagSize)
        {
            return null;
        }
        Span<byte> key = stackalloc byte[AesGcmSiv.KeySize];
        platform.SealingKey(code, key);
        byte[] plain = GC.AllocateArray<byte>(message.Length - NonceSize - AesGcmSiv.TagSize, pinned: true);
        bool opened = AesGcmSiv.Decrypt(key, message[..NonceSize], label, message[NonceSize..], plain);
        CryptographicOperations.ZeroMemory(key);
        return opened ? plain : null;
    }
}
