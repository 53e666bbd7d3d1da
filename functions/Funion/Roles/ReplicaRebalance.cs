using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
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

    static readonly StoreKey s_done = new(Shelf, 0, "0"), s_reached = new(Shelf, 0, "reached");

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
            // From the place that is remembered: one that is handed on twice is the same box.
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
        _boxes ??= BoxesAsync(await ReachedAsync(set, cancellation), CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        StoreKey? last = null;
        for (int i = 0; i < BoxesAtOnce; i++)
        {
            if (await IsFullAsync(cancellation))
            {
                break;
            }
            if (!await _boxes.MoveNextAsync())
            {
                // Last: cut off before, it goes on from the place that is remembered.
                await store.ReplaceIfUnchangedAsync(s_done, set, done.Version, cancellation);
                await store.DeleteAsync(s_reached, cancellation);
                return true;
            }
            last = _boxes.Current;
            await HandOnAsync(_boxes.Current, cancellation);
        }
        if (last is { } reached)
        {
            await RememberAsync([.. set, .. Encoding.UTF8.GetBytes($"{reached.Epoch}/{reached.Name}")], cancellation);
        }
        return false;
    }

    /// <summary>How far the boxes are handed on for this set; null: not at all. Instances that do this come and go, and none may begin at the first again.</summary>
    async ValueTask<(long Epoch, string Name)?> ReachedAsync(byte[] set, CancellationToken cancellation)
    {
        StoredValue? stored = await store.GetAsync(s_reached, cancellation);
        return stored is not null && stored.Value.Length > set.Length && stored.Value.Span.StartsWith(set)
            && Encoding.UTF8.GetString(stored.Value.Span[set.Length..]).Split('/', 2) is [string epoch, string name]
            && long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? (number, name)
                : null;
    }

    async ValueTask RememberAsync(byte[] reached, CancellationToken cancellation)
    {
        StoredValue? stored = await store.GetAsync(s_reached, cancellation);
        _ = stored is null
            ? await store.PutIfAbsentAsync(s_reached, reached, cancellation)
            : await store.ReplaceIfUnchangedAsync(s_reached, reached, stored.Version, cancellation);
    }

    /// <summary>Newest epoch first, by name within it, after the place that was reached.</summary>
    async IAsyncEnumerable<StoreKey> BoxesAsync((long Epoch, string Name)? reached, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long current = document.ReplicaEpochAt(time.GetUtcNow());
        for (long epoch = current; epoch > current - ReplicaBoxes.KeptEpochs; epoch--)
        {
            if (epoch > reached?.Epoch)
            {
                continue;
            }
            await foreach (string name in store.ListAsync(ReplicaRole.Shelf, epoch, "", cancellation))
            {
                if (epoch != reached?.Epoch || string.CompareOrdinal(name, reached.Value.Name) > 0)
                {
                    yield return new StoreKey(ReplicaRole.Shelf, epoch, name);
                }
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
