using Funion.Bacap;
using Funion.Cryptography;

namespace Funion.Pigeonhole;

/// <summary>
/// Every size of Pigeonhole, from the packet's user payload. A read, a write and a tombstone are one size at every layer that anybody sees.
/// At 30,000 B: box plaintext 29,677, box ciphertext 29,697, query 30,000.
/// <code>
/// query    = type 1 ‖ intermediates 2 ‖ DEK 60 ‖ DEK 60 ‖ reply index 1 ‖ replica epoch 8 ‖ key length 2 ‖ key 32 ‖ length 4 ‖ MKEM ciphertext
/// inner    = length 4 ‖ type 1 ‖ box id 32 ‖ signature 64 ‖ length 4 ‖ box ciphertext, zero-padded
/// box      = length 4 ‖ plaintext, zero-padded, and a tag of 16
/// </code>
/// </summary>
public sealed class PigeonholeGeometry
{
    internal const int LengthSize = 4;

    const int EnvelopeFixed = 2 + (2 * Mkem.DekSize) + 1 + 8 + 2 + Mkem.KeySize + LengthSize;

    const int InnerFixed = LengthSize + 1 + BoxId.Size + Box.SignatureSize + LengthSize;

    /// <summary>Derives the sizes.</summary>
    public PigeonholeGeometry(int userPayload)
    {
        QuerySize = userPayload;
        InnerSize = userPayload - 1 - EnvelopeFixed - Mkem.Overhead;
        BoxCiphertextSize = InnerSize - InnerFixed;
        MaxPlaintext = BoxCiphertextSize - Box.Overhead - LengthSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPlaintext, 1, nameof(userPayload));
    }

    /// <summary>Bytes of a courier query: exactly a packet's user payload.</summary>
    public int QuerySize { get; }

    /// <summary>Bytes of what is sealed to the intermediates, reads and writes alike.</summary>
    public int InnerSize { get; }

    /// <summary>Bytes of the sealed request.</summary>
    public int SealedInnerSize => InnerSize + Mkem.Overhead;

    /// <summary>Bytes of a box's ciphertext. A replica takes no other.</summary>
    public int BoxCiphertextSize { get; }

    /// <summary>Bytes that a box may hold.</summary>
    public int MaxPlaintext { get; }

    /// <summary>Bytes of a replica's answer, whatever it says: an error code more than a request.</summary>
    public int ReplySize => InnerSize + 1;

    /// <summary>Bytes of the sealed answer.</summary>
    public int SealedReplySize => ReplySize + Mkem.Overhead;

    /// <summary>Bytes of a courier's answer, before padding to a reply payload.</summary>
    public int CourierReplySize => 1 + EnvelopeHash.Size + 1 + 1 + LengthSize + SealedReplySize + 1;

    /// <summary>Bytes of every message between couriers and replicas, and between replicas.</summary>
    public int CommandSize => ReplicaCommand.FixedSize + SealedReplySize;

    /// <summary>Pads a box's plaintext: length ‖ data ‖ zeros.</summary>
    public byte[] PadPlaintext(ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, MaxPlaintext);
        byte[] padded = new byte[LengthSize + MaxPlaintext];
        new WireWriter(padded).Prefixed(data);
        return padded;
    }

    /// <summary>Takes the padding off; null when the length is not one.</summary>
    public static ReadOnlyMemory<byte>? Unpad(ReadOnlyMemory<byte> padded)
    {
        WireReader reader = new(padded);
        ReadOnlyMemory<byte> data = reader.Prefixed();
        // A bare null would become an empty memory, by way of byte[].
        return reader.EndsInZeros ? data : default(ReadOnlyMemory<byte>?);
    }
}
