using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Roles;

/// <summary>
/// A value in a node's store that nobody but the node may read: AES-256-GCM-SIV under a random nonce, bound to its place.
/// <code>
/// nonce 12 ‖ ciphertext ‖ tag 16
/// </code>
/// </summary>
static class SealedAtRest
{
    public const int KeySize = 32;

    public static byte[] Seal(ReadOnlySpan<byte> key, StoreKey place, ReadOnlySpan<byte> value)
    {
        byte[] stored = new byte[AesGcmSiv.NonceSize + value.Length + AesGcmSiv.TagSize];
        RandomNumberGenerator.Fill(stored.AsSpan(0, AesGcmSiv.NonceSize));
        AesGcmSiv.Encrypt(key, stored.AsSpan(0, AesGcmSiv.NonceSize), Bound(place), value, stored.AsSpan(AesGcmSiv.NonceSize));
        return stored;
    }

    /// <summary>Null for what was not sealed with this key for this place.</summary>
    public static byte[]? TryOpen(ReadOnlySpan<byte> key, StoreKey place, ReadOnlySpan<byte> stored)
    {
        if (stored.Length < AesGcmSiv.NonceSize + AesGcmSiv.TagSize)
        {
            return null;
        }
        byte[] value = new byte[stored.Length - AesGcmSiv.NonceSize - AesGcmSiv.TagSize];
        return AesGcmSiv.Decrypt(key, stored[..AesGcmSiv.NonceSize], Bound(place), stored[AesGcmSiv.NonceSize..], value) ? value : null;
    }

    static byte[] Bound(StoreKey place) => System.Text.Encoding.ASCII.GetBytes($"{place.Shelf}/{place.Epoch}/{place.Name}");
}
