using Funion.Cryptography;

namespace Funion.Pigeonhole;

/// <summary>
/// What a courier is handed: a request sealed to two replicas. It shows neither the box nor whether it is read or written.
/// <code>
/// type u8 0 ‖ intermediate u8 ×2 ‖ DEK 60 ×2 ‖ reply index u8 ‖ replica epoch u64 ‖ key length u16 ‖ ephemeral key ‖ length u32 ‖ ciphertext
/// hash = BLAKE2b-256(ephemeral key ‖ ciphertext)
/// </code>
/// </summary>
/// <param name="FirstReplica">Index of the first intermediate.</param>
/// <param name="SecondReplica">Index of the second.</param>
/// <param name="FirstDek">60 bytes.</param>
/// <param name="SecondDek">60 bytes.</param>
/// <param name="ReplyIndex">Whose answer is wanted, 0 or 1; the other's will do.</param>
/// <param name="ReplicaEpoch">Epoch of the intermediates' keys.</param>
/// <param name="EphemeralKey">The sender's, for this envelope only.</param>
/// <param name="Ciphertext">The sealed request.</param>
public sealed record CourierEnvelope(
    byte FirstReplica, byte SecondReplica, ReadOnlyMemory<byte> FirstDek, ReadOnlyMemory<byte> SecondDek, byte ReplyIndex, long ReplicaEpoch,
    ReadOnlyMemory<byte> EphemeralKey, ReadOnlyMemory<byte> Ciphertext)
{
    const byte EnvelopeType = 0;

    /// <summary>Names the envelope: the same for every resend, whatever packet carries it.</summary>
    public EnvelopeHash Hash()
    {
        Span<byte> hash = stackalloc byte[EnvelopeHash.Size];
        Blake2b.Hash256(EphemeralKey.Span, Ciphertext.Span, hash);
        return new EnvelopeHash(hash);
    }

    /// <summary>Lays the query out over exactly a user payload.</summary>
    public byte[] ToQuery(PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        byte[] query = new byte[geometry.QuerySize];
        WireWriter writer = new(query);
        writer.Byte(EnvelopeType);
        writer.Byte(FirstReplica);
        writer.Byte(SecondReplica);
        writer.Bytes(FirstDek.Span);
        writer.Bytes(SecondDek.Span);
        writer.Byte(ReplyIndex);
        writer.Int64(ReplicaEpoch);
        writer.UInt16(EphemeralKey.Length);
        writer.Bytes(EphemeralKey.Span);
        writer.Prefixed(Ciphertext.Span);
        return query;
    }

    /// <summary>Reads a query; null for any other type, size or value.</summary>
    public static CourierEnvelope? TryParse(PigeonholeGeometry geometry, ReadOnlyMemory<byte> query)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (query.Length != geometry.QuerySize)
        {
            return null;
        }
        WireReader reader = new(query);
        byte type = reader.Byte();
        byte first = reader.Byte(), second = reader.Byte();
        ReadOnlyMemory<byte> firstDek = reader.Bytes(Mkem.DekSize), secondDek = reader.Bytes(Mkem.DekSize);
        byte replyIndex = reader.Byte();
        long epoch = reader.Int64();
        bool keySize = reader.UInt16() == Mkem.KeySize;
        ReadOnlyMemory<byte> key = reader.Bytes(Mkem.KeySize);
        ReadOnlyMemory<byte> ciphertext = reader.Prefixed();
        return !reader.Failed && type == EnvelopeType && replyIndex <= 1 && keySize && ciphertext.Length == geometry.SealedInnerSize
            ? new CourierEnvelope(first, second, firstDek, secondDek, replyIndex, epoch, key, ciphertext)
            : null;
    }
}
