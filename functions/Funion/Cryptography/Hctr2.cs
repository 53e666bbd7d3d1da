using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// HCTR2 over AES-256: a tweakable wide-block cipher. Every bit of the ciphertext depends on every bit of the plaintext, and no length is added: what
/// a packet's payload needs, since a hop that changes one bit of it leaves nothing to recognise.
/// <code>
/// h = E(0)    L = E(1)                                         M ‖ N = plaintext, M of 16 bytes
/// MM = M ⊕ H(T, N)    UU = E(MM)    S = MM ⊕ UU ⊕ L    V = N ⊕ XCTR(S)    U = UU ⊕ H(T, V)          ciphertext = U ‖ V
/// H(T, X) = POLYVAL(h, 2|T| + 2 ‖ T padded ‖ X)   or, for a broken last block,   POLYVAL(h, 2|T| + 3 ‖ T padded ‖ X ‖ 1 padded)
/// </code>
/// <list type="bullet">
/// <item>References: Crowley, Huckleberry, Biggers, "Length-preserving encryption with HCTR2" (2021).</item>
/// <item>Parameters: key 32 bytes, message at least 16, tweak of any length.</item>
/// </list>
/// </summary>
public static class Hctr2
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Shortest message in bytes.</summary>
    public const int MinimumSize = 16;

    /// <summary>Encrypts in place.</summary>
    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> tweak, Span<byte> message) =>
        Transform(key, tweak, message, decrypt: false, portable: false);

    /// <summary>Decrypts in place.</summary>
    public static void Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> tweak, Span<byte> message) =>
        Transform(key, tweak, message, decrypt: true, portable: false);

    internal static void Transform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> tweak, Span<byte> message, bool decrypt, bool portable)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, MinimumSize);
        Aes256 aes = new(key, portable);
        Polyval hash = new(aes.Encrypt(default), portable);
        Vector128<byte> l = aes.Encrypt(Vector128.CreateScalar(1ul).AsByte());
        Span<byte> rest = message[MinimumSize..];

        // The tweak's part of both hashes is the same.
        hash.Append(Vector128.CreateScalar(((ulong)tweak.Length * 16) + (rest.Length % 16 == 0 ? 2u : 3u)).AsByte());
        hash.AppendPadded(tweak);
        Vector128<byte> tweaked = hash.Hash;

        hash.AppendPadded(rest, padding: 1);
        Vector128<byte> first = Vector128.Create<byte>(message[..MinimumSize]) ^ hash.Hash;
        Vector128<byte> second = decrypt ? aes.Decrypt(first) : aes.Encrypt(first);
        aes.XorKeystream(new Counter(first ^ second ^ l), rest);
        hash.Resume(tweaked);
        hash.AppendPadded(rest, padding: 1);
        (second ^ hash.Hash).CopyTo(message);
        aes.Clear();
        hash.Clear();
    }

    /// <summary>XCTR: block i is E(S ⊕ i), i from 1, little-endian.</summary>
    readonly struct Counter(Vector128<byte> start) : IAesCounter
    {
        readonly Vector128<byte> _start = start;

        public Vector128<byte> Block(uint index) => _start ^ Vector128.CreateScalar((ulong)index + 1).AsByte();
    }
}
