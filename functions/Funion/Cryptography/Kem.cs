using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// A key encapsulation mechanism whose shared secret is bound to its ciphertext, to the recipient's key and to a context. It is a type so that a
/// hybrid post-quantum one is a second instance and not a rewrite: every size of a packet is derived from the one in its geometry.
/// </summary>
public abstract class Kem
{
    /// <summary>Length of a shared secret in bytes.</summary>
    public const int SharedSecretSize = 32;

    /// <summary>X25519 as a KEM.</summary>
    public static Kem X25519 { get; } = new X25519Kem();

    /// <summary>Length of a public key in bytes.</summary>
    public abstract int PublicKeySize { get; }

    /// <summary>Length of a private key in bytes.</summary>
    public abstract int PrivateKeySize { get; }

    /// <summary>Length of a ciphertext in bytes.</summary>
    public abstract int CiphertextSize { get; }

    /// <summary>A fresh key pair.</summary>
    public void GenerateKeyPair(Span<byte> privateKey, Span<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, PrivateKeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, PublicKeySize);
        GenerateKeyPairCore(privateKey, publicKey);
    }

    /// <summary>Makes a ciphertext and its shared secret; false when the public key is not usable.</summary>
    public bool Encapsulate(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> context, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, PublicKeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, CiphertextSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, SharedSecretSize);
        return EncapsulateCore(publicKey, context, ciphertext, sharedSecret);
    }

    /// <summary>Recovers the shared secret; false when the ciphertext cannot be anybody's.</summary>
    public bool Decapsulate(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> context,
        Span<byte> sharedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, PrivateKeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, PublicKeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, CiphertextSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, SharedSecretSize);
        return DecapsulateCore(privateKey, publicKey, ciphertext, context, sharedSecret);
    }

    /// <summary>Sizes are checked.</summary>
    protected abstract void GenerateKeyPairCore(Span<byte> privateKey, Span<byte> publicKey);

    /// <summary>Sizes are checked.</summary>
    protected abstract bool EncapsulateCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> context, Span<byte> ciphertext, Span<byte> sharedSecret);

    /// <summary>Sizes are checked.</summary>
    protected abstract bool DecapsulateCore(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> context,
        Span<byte> sharedSecret);

    /// <summary>
    /// ct = an ephemeral public key; ss = HKDF(dh ‖ ct ‖ pk ‖ context). The curve ignores bit 255 of a key, so without ct in the hash a header
    /// could be marked and its replay tag kept; without pk, epoch and node it would open elsewhere.
    /// </summary>
    sealed class X25519Kem : Kem
    {
        const int Size = Cryptography.X25519.Size;

        static ReadOnlySpan<byte> Label => "funion-kem-x25519-v1"u8;

        public override int PublicKeySize => Size;

        public override int PrivateKeySize => Size;

        public override int CiphertextSize => Size;

        protected override void GenerateKeyPairCore(Span<byte> privateKey, Span<byte> publicKey) =>
            Cryptography.X25519.GenerateKeyPair(privateKey, publicKey);

        protected override bool EncapsulateCore(
            ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> context, Span<byte> ciphertext, Span<byte> sharedSecret)
        {
            Span<byte> ephemeral = stackalloc byte[Size];
            Cryptography.X25519.GenerateKeyPair(ephemeral, ciphertext);
            bool usable = Agree(ephemeral, publicKey, ciphertext, publicKey, context, sharedSecret);
            CryptographicOperations.ZeroMemory(ephemeral);
            return usable;
        }

        protected override bool DecapsulateCore(
            ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> context,
            Span<byte> sharedSecret) => Agree(privateKey, ciphertext, ciphertext, publicKey, context, sharedSecret);

        static bool Agree(
            ReadOnlySpan<byte> ours, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> publicKey,
            ReadOnlySpan<byte> context, Span<byte> sharedSecret)
        {
            // dh 32 ‖ ct 32 ‖ pk 32, the context in the info slot.
            Span<byte> material = stackalloc byte[3 * Size];
            if (!Cryptography.X25519.Agree(ours, theirs, material[..Size]))
            {
                sharedSecret.Clear();
                return false;
            }
            ciphertext.CopyTo(material[Size..]);
            publicKey.CopyTo(material[(2 * Size)..]);
            HkdfBlake2b.DeriveKey(material, Label, context, sharedSecret);
            CryptographicOperations.ZeroMemory(material);
            return true;
        }
    }
}
