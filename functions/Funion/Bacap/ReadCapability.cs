using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Bacap;

/// <summary>
/// Reads a stream from an index on. 136 bytes: root public key 32 ‖ index 104. Whoever holds it can find and open every box from there, none before,
/// and write none.
/// <code>
/// box id = P_root blinded by K_ctx        open: AES-256-GCM-SIV(E_ctx, nonce box id[0:12], aad box id)
/// </code>
/// References: Echomix (arXiv 2501.02933), section 4.
/// </summary>
public sealed class ReadCapability : IEquatable<ReadCapability>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = BlindedEd25519.Size + MessageBoxIndex.Size;

    const string Prefix = "funion-read-";

    readonly byte[] _root;

    internal ReadCapability(byte[] root, MessageBoxIndex first)
    {
        _root = root;
        First = first;
    }

    /// <summary>The first index that it can read.</summary>
    public MessageBoxIndex First { get; }

    /// <summary>The stream's root public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> RootPublicKey => _root;

    /// <summary>Reads 136 bytes; false for another length, or a root that is not a point of the group.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReadCapability? capability)
    {
        capability = null;
        if (bytes.Length == Size && BlindedEd25519.IsPoint(bytes[..BlindedEd25519.Size])
            && MessageBoxIndex.TryParse(bytes[BlindedEd25519.Size..], out MessageBoxIndex? first))
        {
            capability = new ReadCapability(bytes[..BlindedEd25519.Size].ToArray(), first);
        }
        return capability is not null;
    }

    /// <summary>Reads the text form of <see cref="ToString"/>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ReadCapability? capability)
    {
        capability = null;
        return CapabilityText.TryParse(Prefix, text, Size) is { } bytes && TryParse(bytes, out capability);
    }

    /// <summary>The 136 bytes.</summary>
    public byte[] ToBytes() => [.. _root, .. First.ToBytes()];

    /// <summary>The text form. It is a secret: whoever has it can read.</summary>
    public override string ToString() => CapabilityText.Format(Prefix, ToBytes());

    /// <summary>The same stream from a later index on; its holder learns nothing of what came before.</summary>
    public ReadCapability At(MessageBoxIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new ReadCapability(_root, index);
    }

    /// <summary>The id of the box at an index of this stream.</summary>
    public BoxId BoxIdAt(MessageBoxIndex index, ReadOnlySpan<byte> context)
    {
        ArgumentNullException.ThrowIfNull(index);
        Span<byte> factor = stackalloc byte[32];
        index.BlindingFactorFor(context, factor);
        BoxId id = Blind(factor);
        CryptographicOperations.ZeroMemory(factor);
        return id;
    }

    /// <summary>The id of the box at an index without a context. Pigeonhole does not use it.</summary>
    public BoxId BoxIdWithoutContext(MessageBoxIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return Blind(index.ContextFreeBlindingFactor);
    }

    /// <summary>
    /// Opens the box at an index. The id is compared before anything else: a tombstone of another box verifies under its own id and has nothing to
    /// decrypt, so nothing else would refuse it. The plaintext is the ciphertext's length less 16 bytes.
    /// </summary>
    public OpenOutcome Open(MessageBoxIndex index, ReadOnlySpan<byte> context, Box box, Span<byte> plaintext)
    {
        ArgumentNullException.ThrowIfNull(box);
        return BoxIdAt(index, context) != box.Id ? OpenOutcome.BoxMismatch : Decrypt(index, context, box, plaintext);
    }

    /// <summary>Opens a box whose id is known to be the one at this index.</summary>
    internal static OpenOutcome Decrypt(MessageBoxIndex index, ReadOnlySpan<byte> context, Box box, Span<byte> plaintext)
    {
        if (!Box.Verify(box.Id, box.Ciphertext.Span, box.Signature.Span))
        {
            return OpenOutcome.SignatureInvalid;
        }
        if (box.IsTombstone)
        {
            return OpenOutcome.Tombstone;
        }
        if (box.Ciphertext.Length < Box.Overhead || plaintext.Length < box.Ciphertext.Length - Box.Overhead)
        {
            return OpenOutcome.DecryptFailed;
        }
        Span<byte> key = stackalloc byte[AesGcmSiv.KeySize];
        index.EncryptionKeyFor(context, key);
        ReadOnlySpan<byte> id = box.Id.AsSpan();
        bool opened = AesGcmSiv.Decrypt(
            key, id[..AesGcmSiv.NonceSize], id, box.Ciphertext.Span, plaintext[..(box.Ciphertext.Length - Box.Overhead)]);
        CryptographicOperations.ZeroMemory(key);
        return opened ? OpenOutcome.Opened : OpenOutcome.DecryptFailed;
    }

    /// <inheritdoc/>
    public bool Equals(ReadCapability? other) => other is not null && _root.AsSpan().SequenceEqual(other._root) && First.Equals(other.First);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReadCapability);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_root[0], _root[1], _root[2], First);

    BoxId Blind(ReadOnlySpan<byte> factor)
    {
        Span<byte> id = stackalloc byte[BoxId.Size];
        // The root was checked when it was parsed or made, and no factor is zero modulo the group's order.
        return BlindedEd25519.BlindPublicKey(_root, factor, id) ? new BoxId(id) : throw new CryptographicException("A box id is the neutral point.");
    }
}
