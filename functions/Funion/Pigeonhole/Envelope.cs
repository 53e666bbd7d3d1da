using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Pigeonhole;

/// <summary>
/// One request as its client holds it: sealed once, resent as it is in fresh packets, and what opens the answer. Reads, writes and tombstones
/// differ in nothing that anybody but the replicas sees.
/// </summary>
public sealed class Envelope : IDisposable
{
    readonly PigeonholeGeometry _geometry;

    readonly MkemSealed _sealed;

    readonly byte[][] _replicaKeys;

    Envelope(PigeonholeGeometry geometry, MkemSealed sealedRequest, byte[][] replicaKeys, CourierEnvelope contents)
    {
        Contents = contents;
        _geometry = geometry;
        _sealed = sealedRequest;
        _replicaKeys = replicaKeys;
        Query = contents.ToQuery(geometry);
        Hash = contents.Hash();
    }

    /// <summary>The payload of every packet that carries the request.</summary>
    public ReadOnlyMemory<byte> Query { get; }

    /// <summary>Names the envelope.</summary>
    public EnvelopeHash Hash { get; }

    /// <summary>What opens the answer, to be kept.</summary>
    internal EnvelopeOpener Opener => new(
        Hash, Contents.ReplicaEpoch, Contents.FirstReplica, Contents.SecondReplica, _sealed.EphemeralPrivateKey.Span.ToArray());

    /// <summary>The query as a courier reads it.</summary>
    internal CourierEnvelope Contents { get; }

    /// <summary>Seals a request to two fresh intermediates. Throws when the document has no keys for the epoch.</summary>
    public static Envelope Seal(
        PigeonholeGeometry geometry, ShardMap shards, ReplicaRequest request, long replicaEpoch, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(request);
        (NodeDescriptor first, NodeDescriptor second) = shards.DrawIntermediates(random);
        if (!first.TryGetKey(replicaEpoch, out byte[]? firstKey) || !second.TryGetKey(replicaEpoch, out byte[]? secondKey))
        {
            throw new InvalidOperationException("The network document has no replica keys for this epoch.");
        }
        MkemSealed sealedRequest = Mkem.Seal(firstKey, secondKey, request.ToBytes(geometry));
        CourierEnvelope envelope = new(
            (byte)first.Index, (byte)second.Index, sealedRequest.Dek1, sealedRequest.Dek2, 0, replicaEpoch, sealedRequest.EphemeralPublicKey,
            sealedRequest.Ciphertext);
        return new Envelope(geometry, sealedRequest, [firstKey, secondKey], envelope);
    }

    /// <summary>Opens the answer that a courier passed on; null when it is not an answer to this envelope.</summary>
    public ReplicaAnswer? TryOpen(CourierReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!reply.IsPayload || reply.Hash != Hash)
        {
            return null;
        }
        byte[] answer = new byte[_geometry.ReplySize];
        return Mkem.OpenReply(_sealed.EphemeralPrivateKey.Span, _replicaKeys[reply.ReplyIndex], reply.SealedAnswer.Span, answer)
            ? ReplicaAnswer.TryParse(answer)
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _sealed.Dispose();
}
