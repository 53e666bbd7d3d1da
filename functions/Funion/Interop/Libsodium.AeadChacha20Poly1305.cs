using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_aead_chacha20poly1305.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_aead_chacha20poly1305_ietf_encrypt(
        byte* ciphertext, ulong* ciphertextLength, byte* message, ulong messageLength, byte* data, ulong dataLength, byte* secretNonce, byte* nonce,
        byte* key);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_aead_chacha20poly1305_ietf_decrypt(
        byte* message, ulong* messageLength, byte* secretNonce, byte* ciphertext, ulong ciphertextLength, byte* data, ulong dataLength, byte* nonce,
        byte* key);
}
