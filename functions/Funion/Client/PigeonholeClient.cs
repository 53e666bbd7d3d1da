using Funion.Bacap;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// Reads and writes boxes through couriers. Both make the same exchanges: the envelope goes out, is acknowledged, goes out again and comes back with
/// the sealed answer. The envelope stays the same, each packet and SURB is fresh, the courier is drawn once per operation.
/// </summary>
public sealed class PigeonholeClient
{
    const int MostEnvelopes = 4;

    const int MostExchanges = 24;

    readonly MixnetClient _mixnet;
    readonly bool _first;
    ShardMap _shards;
    long _damaged;

    /// <summary>Speaks over a sender; <paramref name="first"/>: before everything else that waits there for a slot.</summary>
    public PigeonholeClient(MixnetClient mixnet, bool first = false)
    {
        ArgumentNullException.ThrowIfNull(mixnet);
        _mixnet = mixnet;
        _first = first;
        _shards = new ShardMap(mixnet.Document);
        Geometry = new PigeonholeGeometry(mixnet.Document.Geometry.UserPayload);
    }

    /// <summary>Sizes of boxes.</summary>
    public PigeonholeGeometry Geometry { get; }

    /// <summary>How many boxes came back that their writer did not write; each was asked for again elsewhere.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Stores a box or a tombstone. The same bytes again are a success.</summary>
    public async Task<BoxResult> WriteAsync(Box box, CancellationToken cancellation)
    {
        BoxResult result = new(BoxStatus.Failed);
        for (int attempt = 0; attempt < MostEnvelopes; attempt++)
        {
            ReplicaAnswer? answer = await ExchangeAsync(ReplicaRequest.ToStore(box), cancellation);
            result = answer switch
            {
                { IsWrite: true, Error: ReplicaError.None } => new BoxResult(BoxStatus.Ok),
                { IsWrite: true, Error: ReplicaError.BoxAlreadyExists } => new BoxResult(BoxStatus.AlreadyExists, default, answer.Error),
                { IsWrite: true, Error: ReplicaError.InvalidPayload or ReplicaError.InvalidSignature or ReplicaError.StorageFull } =>
                    new BoxResult(BoxStatus.Failed, default, answer.Error),
                _ => new BoxResult(BoxStatus.Failed, default, answer?.Error ?? ReplicaError.None),
            };
            if (result.IsFinal || result.Error == ReplicaError.StorageFull)
            {
                break;
            }
        }
        return result;
    }

    /// <summary>
    /// Reads the box at an index. A box that does not verify is asked for again through other replicas; that there is none is believed when a second
    /// pair of replicas says so.
    /// </summary>
    public Task<BoxResult> ReadAsync(ReadCapability capability, MessageBoxIndex index, CancellationToken cancellation) =>
        ReadAsync(capability, index, absences: 2, cancellation);

    /// <summary>
    /// Reads a box that will be there: asks again after each pause, until it is, or was deleted, or the cancellation. Gives the last result when the
    /// time to give up has come.
    /// </summary>
    public async Task<BoxResult> AwaitAsync(
        ReadCapability capability, MessageBoxIndex index, TimeSpan pause, DateTimeOffset giveUp, CancellationToken cancellation)
    {
        while (true)
        {
            BoxResult result = await ReadAsync(capability, index, absences: 1, cancellation);
            if (result.IsFinal || _mixnet.Time.GetUtcNow() + pause >= giveUp)
            {
                return result;
            }
            await DelayAsync(pause, cancellation);
        }
    }

    /// <summary>
    /// Has a courier carry out what lies in a temporary stream, all of it or nothing, and waits for the outcome. The same courier is asked until it says so;
    /// a courier that was told already goes on where it is.
    /// </summary>
    public async Task<bool> CopyAsync(WriteCapability temporary, NodeDescriptor courier, CancellationToken cancellation)
    {
        byte[] query = CopyCommand.ToQuery(Geometry, temporary);
        while (true)
        {
            ReadOnlyMemory<byte> reply = await _mixnet.RequestAsync(new ServiceAddress(courier, ServiceNames.Courier), query, cancellation, _first);
            if (CopyCommand.TryParseReply(reply) is { } status and not CopyStatus.InProgress)
            {
                return status == CopyStatus.Done;
            }
            await DelayAsync(_mixnet.Document.Rates.MeanDelay * 10, cancellation);
        }
    }

    /// <summary>Seals a write to be carried out by a courier.</summary>
    public byte[] SealForCopy(Box box)
    {
        NetworkDocument document = _mixnet.Document;
        using Envelope envelope = Envelope.Seal(
            Geometry, ShardsOf(document), ReplicaRequest.ToCopy(box), document.ReplicaEpochAt(_mixnet.Time.GetUtcNow()), _mixnet.Random);
        return envelope.Query.ToArray();
    }

    /// <summary>Completes after so much time of the sender's clock.</summary>
    public Task DelayAsync(TimeSpan delay, CancellationToken cancellation) => _mixnet.DelayUntilAsync(_mixnet.Time.GetUtcNow() + delay, cancellation);

    async Task<BoxResult> ReadAsync(ReadCapability capability, MessageBoxIndex index, int absences, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(capability);
        BoxId id = capability.BoxIdAt(index, BacapContext.Pigeonhole);
        BoxResult result = new(BoxStatus.Failed);
        int absent = 0;
        for (int attempt = 0; attempt < MostEnvelopes; attempt++)
        {
            ReplicaAnswer? answer = await ExchangeAsync(ReplicaRequest.Read(id), cancellation);
            if (answer is { Box: { } box })
            {
                result = Open(capability, index, box);
                if (result.Status != BoxStatus.Damaged)
                {
                    return result;
                }
                Interlocked.Increment(ref _damaged);
            }
            else if (answer is { IsWrite: false, Error: ReplicaError.BoxIdNotFound })
            {
                result = new BoxResult(BoxStatus.NotFound, default, answer.Error);
                if (++absent == absences)
                {
                    return result;
                }
            }
            else
            {
                result = new BoxResult(BoxStatus.Failed, default, answer?.Error ?? ReplicaError.None);
            }
        }
        return result;
    }

    static BoxResult Open(ReadCapability capability, MessageBoxIndex index, Box box)
    {
        byte[] padded = new byte[Math.Max(0, box.Ciphertext.Length - Box.Overhead)];
        return capability.Open(index, BacapContext.Pigeonhole, box, padded) switch
        {
            OpenOutcome.Opened when PigeonholeGeometry.Unpad(padded) is { } data => new BoxResult(BoxStatus.Ok, data),
            OpenOutcome.Tombstone => new BoxResult(BoxStatus.Tombstone, default, ReplicaError.Tombstone),
            _ => new BoxResult(BoxStatus.Damaged),
        };
    }

    ShardMap ShardsOf(NetworkDocument document)
    {
        ShardMap shards = _shards;
        if (!ReferenceEquals(shards.Document, document))
        {
            _shards = shards = new ShardMap(document);
        }
        return shards;
    }

    async Task<ReplicaAnswer?> ExchangeAsync(ReplicaRequest request, CancellationToken cancellation)
    {
        NetworkDocument document = _mixnet.Document;
        NodeDescriptor courier = document.Couriers[_mixnet.Random.Below(document.Couriers.Count)];
        using Envelope envelope = Envelope.Seal(
            Geometry, ShardsOf(document), request, document.ReplicaEpochAt(_mixnet.Time.GetUtcNow()), _mixnet.Random);
        ServiceAddress service = new(courier, ServiceNames.Courier);
        for (int exchange = 0; exchange < MostExchanges; exchange++)
        {
            ReadOnlyMemory<byte> bytes;
            try
            {
                bytes = await _mixnet.RequestAsync(service, envelope.Query, cancellation, _first);
            }
            catch (FunionException)
            {
                // The courier is gone; another one is drawn.
                return null;
            }
            if (CourierReply.TryParse(Geometry, bytes) is not { } reply || reply.Hash != envelope.Hash || reply.Error != EnvelopeError.None)
            {
                return null;
            }
            // An answer to the first exchange is the answer to a resend whose predecessor's acknowledgement was lost.
            if (reply.IsPayload)
            {
                return envelope.TryOpen(reply);
            }
            if (exchange > 0)
            {
                // The replicas are slow: no use in asking at every slot.
                await DelayAsync(document.Rates.MeanDelay * Math.Min(exchange, 8), cancellation);
            }
        }
        return null;
    }
}
