using System.Runtime.CompilerServices;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// Hands boxes on when the set of replicas has changed: whoever holds a box that another is a shard of now says so over its paced link, as if the box had
/// just been written. Goes on where it was after a crash; a box that is handed on twice is the same box. What this replica is no shard of any more goes
/// with its epoch.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="document">The network, with the set of replicas as it is now.</param>
/// <param name="store">Its boxes.</param>
/// <param name="queue">Its queues.</param>
/// <param name="time">Clock.</param>
public sealed class ReplicaRebalance(NodeId self, NetworkDocument document, BoxStore store, PacketQueue queue, TimeProvider time) : Actor
{
    /// <summary>Where the set for which the boxes lie right is remembered.</summary>
    public const string Shelf = "replica-set";

    static readonly StoreKey s_done = new(Shelf, 0, "0");

    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);
    readonly ShardMap _shards = new(document);

    /// <summary>Boxes handed on in one step, and how many messages may wait for a link meanwhile: reads and writes wait behind no more than that.</summary>
    const int BoxesAtOnce = 16, MostWaiting = 8;

    static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    IAsyncEnumerator<StoreKey>? _boxes;

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        try
        {
            return await MoveAsync(cancellation) ? DateTimeOffset.MaxValue : time.GetUtcNow() + s_pause;
        }
        catch (PortUnavailableException)
        {
            // From the first box on: one that is handed on twice is the same box.
            _boxes = null;
            return time.GetUtcNow() + TimeSpan.FromSeconds(10);
        }
    }

    /// <summary>Hands some boxes on; whether all are.</summary>
    async ValueTask<bool> MoveAsync(CancellationToken cancellation)
    {
        byte[] set = Fingerprint();
        StoredValue? done = await store.GetAsync(s_done, cancellation);
        if (done is null)
        {
            // A replica that is new here has nothing to hand on.
            await store.PutIfAbsentAsync(s_done, set, cancellation);
            return true;
        }
        if (done.Value.Span.SequenceEqual(set))
        {
            return true;
        }
        _boxes ??= BoxesAsync(cancellation).GetAsyncEnumerator(CancellationToken.None);
        for (int i = 0; i < BoxesAtOnce; i++)
        {
            if (await IsFullAsync(cancellation))
            {
                return false;
            }
            if (!await _boxes.MoveNextAsync())
            {
                // Last: cut off before, it begins again.
                await store.ReplaceIfUnchangedAsync(s_done, set, done.Version, cancellation);
                return true;
            }
            await HandOnAsync(_boxes.Current, cancellation);
        }
        return false;
    }

    async IAsyncEnumerable<StoreKey> BoxesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        long current = document.ReplicaEpochAt(time.GetUtcNow());
        for (long epoch = current; epoch > current - ReplicaBoxes.KeptEpochs; epoch--)
        {
            await foreach (string name in store.ListAsync(ReplicaRole.Shelf, epoch, "", cancellation))
            {
                yield return new StoreKey(ReplicaRole.Shelf, epoch, name);
            }
        }
    }

    async ValueTask<bool> IsFullAsync(CancellationToken cancellation)
    {
        foreach (NodeDescriptor replica in document.Replicas)
        {
            if (replica.Id != self && await queue.CountAsync(QueueNames.Link(replica), cancellation) >= MostWaiting)
            {
                return true;
            }
        }
        return false;
    }

    async ValueTask HandOnAsync(StoreKey key, CancellationToken cancellation)
    {
        BoxId id = new(Convert.FromHexString(key.Name));
        (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(id);
        if (await store.GetAsync(key, cancellation) is not { } stored || StoredBox.TryRead(id, stored.Value) is not { } box)
        {
            return;
        }
        ReplicaCommand command = new(ReplicaCommandKind.Replicate, self, 0, default, 0, default, default, default, StoredBox.ToBytes(box));
        foreach (NodeDescriptor shard in (NodeDescriptor[])[first, second])
        {
            if (shard.Id != self)
            {
                await queue.EnqueueAsync(QueueNames.Link(shard), command.ToBytes(_geometry), TimeSpan.Zero, cancellation);
            }
        }
    }

    /// <summary>BLAKE2b-256 of the replicas' identity keys in the order of their indices.</summary>
    byte[] Fingerprint()
    {
        byte[] set = new byte[Blake2b.Size256];
        Blake2b.Hash256([.. document.Replicas.SelectMany(replica => replica.IdentityKey)], set);
        return set;
    }
}
