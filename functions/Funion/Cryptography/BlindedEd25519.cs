using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// Ed25519 with blinded keys, as BACAP uses it.
/// <code>
/// f  = clamp(SHA-512/256(factor)) mod ℓ        A' = f·A        a' = f·a mod ℓ
/// d  = SHA-512(a')    r = SHA-512(d[32:64] ‖ M ‖ d[33:64]) mod ℓ    R = r·B
/// k  = SHA-512(R ‖ A' ‖ M) mod ℓ    s = k·a' + r mod ℓ    signature = R ‖ s
/// </code>
/// Verification is plain RFC 8032 under A'. Blindings commute and compose. Not wire-compatible with Tor's.
/// <list type="bullet">
/// <item>References: Echomix (arXiv 2501.02933), section 4; RFC 8032.</item>
/// <item>Parameters: scalars and points 32 bytes, little-endian; a factor is any non-empty string.</item>
/// </list>
/// </summary>
public static class BlindedEd25519
{
    /// <summary>Length of a scalar or a point in bytes.</summary>
    public const int Size = 32;

    /// <summary>The private scalar of a seed: clamp(SHA-512(seed)[0:32]) mod ℓ.</summary>
    public static unsafe void PrivateScalar(ReadOnlySpan<byte> seed, Span<byte> scalar)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scalar.Length, Size);
        Span<byte> hash = stackalloc byte[64];
        Sha512(seed, [], [], hash);
        ClampAndReduce(hash[..Size], scalar);
        CryptographicOperations.ZeroMemory(hash);
    }

    /// <summary>
    /// A' = f·A; false when A is not a point of the prime-order group, or zero. libsodium checks the point itself, so no separate check is needed.
    /// </summary>
    public static bool BlindPublicKey(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> factor, Span<byte> blinded)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(blinded.Length, Size);
        Span<byte> scalar = stackalloc byte[Size];
        FactorScalar(factor, scalar);
        bool valid = Multiply(publicKey, scalar, blinded);
        CryptographicOperations.ZeroMemory(scalar);
        if (!valid)
        {
            blinded.Clear();
        }
        return valid;
    }

    /// <summary>s·A; false when A is not a point of the prime-order group, or zero. What blinding a public key cannot do without.</summary>
    internal static unsafe bool Multiply(ReadOnlySpan<byte> point, ReadOnlySpan<byte> scalar, Span<byte> product)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(product.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* r = product, s = scalar, p = point)
        {
            return Libsodium.crypto_scalarmult_ed25519_noclamp(r, s, p) == 0;
        }
    }

    /// <summary>a' = f·a mod ℓ.</summary>
    public static unsafe void BlindPrivateScalar(ReadOnlySpan<byte> privateScalar, ReadOnlySpan<byte> factor, Span<byte> blinded)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateScalar.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(blinded.Length, Size);
        Span<byte> scalar = stackalloc byte[Size];
        FactorScalar(factor, scalar);
        fixed (byte* b = blinded, a = privateScalar, f = scalar)
        {
            Libsodium.crypto_core_ed25519_scalar_mul(b, f, a);
        }
        CryptographicOperations.ZeroMemory(scalar);
    }

    /// <summary>The public key of a private scalar: a'·B.</summary>
    public static unsafe void PublicKey(ReadOnlySpan<byte> privateScalar, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateScalar.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* p = publicKey, s = privateScalar)
        {
            Libsodium.crypto_scalarmult_ed25519_base_noclamp(p, s);
        }
    }

    /// <summary>Signs with a private scalar; deterministic.</summary>
    public static unsafe void Sign(ReadOnlySpan<byte> privateScalar, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateScalar.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, Ed25519.SignatureSize);
        Span<byte> digest = stackalloc byte[64];
        Span<byte> wide = stackalloc byte[64];
        Span<byte> nonce = stackalloc byte[Size];
        Span<byte> challenge = stackalloc byte[Size];
        Sha512(privateScalar, [], [], digest);
        Sha512(digest[32..], message, digest[33..], wide);
        fixed (byte* r = nonce, w = wide, k = challenge, a = privateScalar, g = signature)
        {
            Libsodium.crypto_core_ed25519_scalar_reduce(r, w);
            Libsodium.crypto_scalarmult_ed25519_base_noclamp(g, r);
            Sha512(signature[..Size], publicKey, message, wide);
            Libsodium.crypto_core_ed25519_scalar_reduce(k, w);
            Libsodium.crypto_core_ed25519_scalar_mul(k, k, a);
            Libsodium.crypto_core_ed25519_scalar_add(g + Size, k, r);
        }
        CryptographicOperations.ZeroMemory(digest);
        CryptographicOperations.ZeroMemory(wide);
        CryptographicOperations.ZeroMemory(nonce);
        CryptographicOperations.ZeroMemory(challenge);
    }

    /// <summary>Whether 32 bytes are a point of the prime-order group, as every root public key must be.</summary>
    public static unsafe bool IsPoint(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            return false;
        }
        Libsodium.EnsureInitialized();
        fixed (byte* p = bytes)
        {
            return Libsodium.crypto_core_ed25519_is_valid_point(p) == 1;
        }
    }

    static void FactorScalar(ReadOnlySpan<byte> factor, Span<byte> scalar)
    {
        ArgumentOutOfRangeException.ThrowIfZero(factor.Length);
        Span<byte> hash = stackalloc byte[Size];
        Sha512_256.Hash(factor, hash);
        ClampAndReduce(hash, scalar);
        CryptographicOperations.ZeroMemory(hash);
    }

    static unsafe void ClampAndReduce(ReadOnlySpan<byte> hash, Span<byte> scalar)
    {
        Libsodium.EnsureInitialized();
        Span<byte> wide = stackalloc byte[64];
        wide.Clear();
        hash.CopyTo(wide);
        wide[0] &= 248;
        wide[31] &= 127;
        wide[31] |= 64;
        fixed (byte* s = scalar, w = wide)
        {
            Libsodium.crypto_core_ed25519_scalar_reduce(s, w);
        }
        CryptographicOperations.ZeroMemory(wide);
    }

    static unsafe void Sha512(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> hash)
    {
        Libsodium.EnsureInitialized();
        byte* state = stackalloc byte[Libsodium.crypto_hash_sha512_STATEBYTES];
        fixed (byte* a = first, b = second, c = third, h = hash)
        {
            Libsodium.crypto_hash_sha512_init(state);
            Libsodium.crypto_hash_sha512_update(state, a, (ulong)first.Length);
            Libsodium.crypto_hash_sha512_update(state, b, (ulong)second.Length);
            Libsodium.crypto_hash_sha512_update(state, c, (ulong)third.Length);
            Libsodium.crypto_hash_sha512_final(state, h);
        }
        new Span<byte>(state, Libsodium.crypto_hash_sha512_STATEBYTES).Clear();
    }
}
