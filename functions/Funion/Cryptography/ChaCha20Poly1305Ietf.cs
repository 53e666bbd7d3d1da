using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// ChaCha20-Poly1305 without associated data.
/// <list type="bullet">
/// <item>References: RFC 8439.</item>
/// <item>Parameters: key 32 bytes, nonce 12, tag 16.</item>
/// </list>
/// </summary>
static class ChaCha20Poly1305Ietf
{
    public const int NonceSize = 12;

    public const int TagSize = 16;

    public static unsafe void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Libsodium.EnsureInitialized();
        fixed (byte* k = key, n = nonce, m = plaintext, c = ciphertext)
        {
            Libsodium.crypto_aead_chacha20poly1305_ietf_encrypt(c, null, m, (ulong)plaintext.Length, null, 0, null, n, k);
        }
    }

    public static unsafe bool Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        Libsodium.EnsureInitialized();
        fixed (byte* k = key, n = nonce, m = plaintext, c = ciphertext)
        {
            if (Libsodium.crypto_aead_chacha20poly1305_ietf_decrypt(m, null, null, c, (ulong)ciphertext.Length, null, 0, n, k) == 0)
            {
                return true;
            }
        }
        plaintext.Clear();
        return false;
    }
}
