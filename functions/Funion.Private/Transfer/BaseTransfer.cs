using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Transfer;

/// <summary>
/// What both sides of a base transfer hash. Session, index and, for a key, the whole transcript of its transfer: keys of two transfers, or of two sessions,
/// have nothing in common even if the other party copies or combines points (the flaw of reused messages that McQuoid, Rosulek and Roy describe).
/// <code>
/// H(i, b, r) = from_hash(BLAKE2b-512("funion-ot-point-v1" ‖ session ‖ i ‖ b ‖ r))
/// key        = BLAKE2b-256("funion-ot-key-v1" ‖ session ‖ i ‖ b ‖ r₀ ‖ r₁ ‖ Y ‖ shared)[0:16]
/// </code>
/// </summary>
static class BaseTransfer
{
    /// <summary>A point whose discrete logarithm nobody knows, of the other branch's point.</summary>
    public static void HashToPoint(in Bytes32 session, int index, int branch, ReadOnlySpan<byte> other, Span<byte> point)
    {
        Span<byte> hash = stackalloc byte[Ristretto255.HashSize];
        Span<byte> place = stackalloc byte[5];
        Place(index, branch, place);
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-ot-point-v1"u8);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(other);
        state.Finish(hash);
        Ristretto255.FromHash(hash, point);
    }

    /// <summary>The key of one branch; <paramref name="branch"/> may be secret, it is hashed and nothing else.</summary>
    public static void Key(
        in Bytes32 session, int index, int branch, ReadOnlySpan<byte> points, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> shared, Span<byte> key)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Span<byte> place = stackalloc byte[5];
        Place(index, branch, place);
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-ot-key-v1"u8);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(points);
        state.Append(theirs);
        state.Append(shared);
        state.Finish(hash);
        hash[..TransferGeometry.LabelSize].CopyTo(key);
        CryptographicOperations.ZeroMemory(hash);
    }

    static void Place(int index, int branch, Span<byte> place)
    {
        BinaryPrimitives.WriteInt32LittleEndian(place, index);
        place[4] = unchecked((byte)branch);
    }
}
