using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Bacap;

/// <summary>
/// A position in a stream and the state of its ratchet. 104 bytes:
/// <code>
/// index u64 LE ‖ K blinding factor 32 ‖ E encryption key 32 ‖ H ratchet state 32
/// next:     HKDF(H, salt ∅, info LE64(index), 96) = H' ‖ E' ‖ K'         index' = index + 1
/// re-seed:  HKDF(H, salt s, info "bacap-mutate-kdf-state-v1", 96) = H' ‖ E' ‖ K'
/// context:  K_ctx = HKDF(K, salt ctx, info ∅, 32)      E_ctx = HKDF(E, salt ctx, info ∅, 32)
/// </code>
/// Stored as K, E, H; derived as H, E, K. Only H and the index go into the next state, so it is one way: a later index tells nothing of an earlier.
/// References: Echomix (arXiv 2501.02933), section 4.
/// </summary>
public sealed class MessageBoxIndex : IEquatable<MessageBoxIndex>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 8 + (3 * PartSize);

    const int PartSize = 32;

    readonly byte[] _bytes;

    MessageBoxIndex(byte[] bytes) => _bytes = bytes;

    /// <summary>The position in the stream.</summary>
    public ulong Index => BinaryPrimitives.ReadUInt64LittleEndian(_bytes);

    ReadOnlySpan<byte> BlindingFactor => _bytes.AsSpan(8, PartSize);

    ReadOnlySpan<byte> EncryptionKey => _bytes.AsSpan(8 + PartSize, PartSize);

    /// <summary>
    /// The first usable index of a fresh stream: a random start of two 62-bit draws, advanced once. Whoever gets a later capability learns only an
    /// upper bound on how much came before.
    /// </summary>
    public static MessageBoxIndex CreateRandom()
    {
        Span<byte> draws = stackalloc byte[16];
        RandomNumberGenerator.Fill(draws);
        draws[7] &= 0x3f;
        draws[15] &= 0x3f;
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(
            bytes, BinaryPrimitives.ReadUInt64LittleEndian(draws) + BinaryPrimitives.ReadUInt64LittleEndian(draws[8..]));
        RandomNumberGenerator.Fill(bytes.AsSpan(8 + (2 * PartSize)));
        MessageBoxIndex start = new(bytes);
        start.TryNext(out MessageBoxIndex? first);
        CryptographicOperations.ZeroMemory(bytes);
        return first!;
    }

    /// <summary>Reads 104 bytes; false for any other length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out MessageBoxIndex? index)
    {
        index = bytes.Length == Size ? new MessageBoxIndex(bytes.ToArray()) : null;
        return index is not null;
    }

    /// <summary>The 104 bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <summary>Writes the 104 bytes.</summary>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>The next index; false at 2⁶⁴ − 1.</summary>
    public bool TryNext([NotNullWhen(true)] out MessageBoxIndex? next)
    {
        if (Index == ulong.MaxValue)
        {
            next = null;
            return false;
        }
        next = Derive([], _bytes.AsSpan(0, 8), Index + 1);
        return true;
    }

    /// <summary>Walks to an index ahead. Linear in the distance.</summary>
    public AdvanceOutcome TryAdvanceTo(ulong target, out MessageBoxIndex? index)
    {
        index = null;
        if (target < Index)
        {
            return AdvanceOutcome.CannotRewind;
        }
        byte[] bytes = ToBytes();
        for (ulong at = Index; at < target; at++)
        {
            Step(bytes, [], bytes.AsSpan(0, 8), at + 1);
        }
        index = new MessageBoxIndex(bytes);
        return AdvanceOutcome.Advanced;
    }

    /// <summary>The same position with a ratchet that only the holder of the salt can follow (contact vouchers).</summary>
    public MessageBoxIndex Reseed(ReadOnlySpan<byte> salt) => Derive(salt, "bacap-mutate-kdf-state-v1"u8, Index);

    /// <inheritdoc/>
    public bool Equals(MessageBoxIndex? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MessageBoxIndex);

    /// <inheritdoc/>
    public override int GetHashCode() => Index.GetHashCode();

    internal void BlindingFactorFor(ReadOnlySpan<byte> context, Span<byte> factor) => HkdfBlake2b.DeriveKey(BlindingFactor, context, [], factor);

    internal void EncryptionKeyFor(ReadOnlySpan<byte> context, Span<byte> key) => HkdfBlake2b.DeriveKey(EncryptionKey, context, [], key);

    internal ReadOnlySpan<byte> ContextFreeBlindingFactor => BlindingFactor;

    MessageBoxIndex Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, ulong index)
    {
        byte[] bytes = ToBytes();
        Step(bytes, salt, info, index);
        return new MessageBoxIndex(bytes);
    }

    // In place, so that a long walk leaves no intermediate state behind.
    static void Step(Span<byte> bytes, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, ulong index)
    {
        Span<byte> material = stackalloc byte[3 * PartSize];
        HkdfBlake2b.DeriveKey(bytes.Slice(8 + (2 * PartSize), PartSize), salt, info, material);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, index);
        // Derived H, E, K; stored K, E, H.
        material[(2 * PartSize)..].CopyTo(bytes[8..]);
        material[PartSize..(2 * PartSize)].CopyTo(bytes[(8 + PartSize)..]);
        material[..PartSize].CopyTo(bytes[(8 + (2 * PartSize))..]);
        CryptographicOperations.ZeroMemory(material);
    }
}
