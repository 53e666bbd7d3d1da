using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Ring;

/// <summary>
/// Uniform words for masks, noise and secrets: AES-256-CTR under a key of the system's generator, one for each call and then forgotten. The generator alone
/// gives some hundreds of megabytes a second, and a large layer takes tens of megabytes.
/// </summary>
static class SystemRandom
{
    public static void Fill(Span<ulong> words)
    {
        Span<byte> key = stackalloc byte[Aes256Ctr.KeySize], iv = stackalloc byte[Aes256Ctr.IvSize];
        RandomNumberGenerator.Fill(key);
        // One stream for one key: the counter may begin where it likes.
        iv.Clear();
        words.Clear();
        Aes256Ctr.Xor(key, iv, MemoryMarshal.AsBytes(words));
        CryptographicOperations.ZeroMemory(key);
    }
}
