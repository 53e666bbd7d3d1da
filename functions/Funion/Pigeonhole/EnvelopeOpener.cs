using Funion.Cryptography;
using Funion.Network;

namespace Funion.Pigeonhole;

/// <summary>
/// What it takes to open the answer to an envelope, for whoever must be able to after a crash. A secret; at rest it is sealed.
/// <code>
/// hash 32 ‖ replica epoch i64 ‖ intermediates u8 ×2 ‖ ephemeral private key 32
/// </code>
/// </summary>
/// <param name="Hash">The envelope.</param>
/// <param name="ReplicaEpoch">Of the intermediates' keys.</param>
/// <param name="First">Index of the first intermediate.</param>
/// <param name="Second">Index of the second.</param>
/// <param name="PrivateKey">32 bytes.</param>
sealed record EnvelopeOpener(EnvelopeHash Hash, long ReplicaEpoch, byte First, byte Second, ReadOnlyMemory<byte> PrivateKey)
{
    public const int Size = EnvelopeHash.Size + sizeof(long) + 2 + Mkem.KeySize;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        WireWriter writer = new(bytes);
        writer.Bytes(Hash.AsSpan());
        writer.Int64(ReplicaEpoch);
        writer.Byte(First);
        writer.Byte(Second);
        writer.Bytes(PrivateKey.Span);
        return bytes;
    }

    public static EnvelopeOpener? TryParse(ReadOnlyMemory<byte> bytes)
    {
        WireReader reader = new(bytes);
        ReadOnlyMemory<byte> hash = reader.Bytes(EnvelopeHash.Size);
        long epoch = reader.Int64();
        byte first = reader.Byte(), second = reader.Byte();
        ReadOnlyMemory<byte> key = reader.Bytes(Mkem.KeySize);
        return !reader.Failed && reader.Remaining == 0 ? new EnvelopeOpener(new EnvelopeHash(hash.Span), epoch, first, second, key) : null;
    }

    /// <summary>Opens a replica's answer; null when it is not an answer to this envelope.</summary>
    public ReplicaAnswer? TryOpen(PigeonholeGeometry geometry, NetworkDocument document, CourierReply reply)
    {
        byte[] answer = new byte[geometry.ReplySize];
        return reply.IsPayload && reply.Hash == Hash
            && document.Replicas.ElementAtOrDefault(reply.ReplyIndex == 0 ? First : Second) is { } replica
            && replica.TryGetKey(ReplicaEpoch, out byte[]? key)
            && Mkem.OpenReply(PrivateKey.Span, key, reply.SealedAnswer.Span, answer)
                ? ReplicaAnswer.TryParse(answer)
                : null;
    }
}
