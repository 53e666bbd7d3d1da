using System.Collections.Concurrent;
using Funion.Bacap;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// Tombstones over what was asked, every box at a time of its own: what is deleted together belongs together, to whoever holds the boxes. A tombstone that
/// fails is tried again until the replicas have dropped the box themselves.
/// </summary>
/// <param name="mixnet">The sender.</param>
/// <param name="boxes">Writes over it.</param>
/// <param name="notes">Where it is noted what is still to do; null: nowhere.</param>
sealed class Deletions(MixnetClient mixnet, PigeonholeClient boxes, DeletionNotes? notes)
{
    /// <summary>Boxes in one record: a few hundred are a large question, and a file has many.</summary>
    const int MostInRecord = 1024;

    readonly Lock _lock = new();
    readonly List<Task> _underWay = [];

    /// <summary>Ends when all that was begun so far is deleted, or past.</summary>
    public Task UnderWay
    {
        get
        {
            lock (_lock)
            {
                return Task.WhenAll([.. _underWay]);
            }
        }
    }

    /// <summary>Over how long tombstones of one moment are spread.</summary>
    public static TimeSpan Within(NetworkDocument document)
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(document.Models.SelectMany(model => model.BucketsMilliseconds).DefaultIfEmpty(0).Max());
        return TimeSpan.FromMinutes(2) > 24 * longest ? TimeSpan.FromMinutes(2) : 24 * longest;
    }

    /// <summary>
    /// Notes what will have to be deleted, before its first box goes out, and when somebody should who finds it after a crash: once its answer would have been
    /// read.
    /// </summary>
    public async ValueTask<IReadOnlyList<Leftover>> KeepAsync(params IReadOnlyList<(WriteCapability Stream, int Boxes)> streams)
    {
        DateTimeOffset now = mixnet.Time.GetUtcNow();
        TimeSpan within = Within(mixnet.Document);
        List<Leftover> kept = [];
        foreach (Box[] tombstones in streams.SelectMany(stream => FixedStream.Tombstones(stream.Stream, stream.Boxes)).Chunk(MostInRecord))
        {
            Leftover left = new(null, DroppedAt(now), Draw(tombstones, now + within, within));
            kept.Add(left with { Kept = notes is null ? null : await notes.KeepAsync(left) });
        }
        return kept;
    }

    /// <summary>It stays.</summary>
    public async ValueTask ForgetAsync(IReadOnlyList<Leftover> kept)
    {
        foreach (Leftover left in kept)
        {
            await (notes?.ForgetAsync(left) ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Deletes what was kept, from now on. In a folder the times are noted when this returns.</summary>
    public void Begin(IReadOnlyList<Leftover> kept)
    {
        DateTimeOffset now = mixnet.Time.GetUtcNow(), dropped = DroppedAt(now);
        TimeSpan within = Within(mixnet.Document);
        foreach (Leftover left in kept)
        {
            Task deleting = RunAsync(left with { Until = dropped, Tombstones = Draw(left.Tombstones.Select(tombstone => tombstone.Box), now, within) }, within);
            lock (_lock)
            {
                _underWay.RemoveAll(task => task.IsCompleted);
                _underWay.Add(deleting);
            }
        }
    }

    /// <summary>Takes over what processes left that are no more, and ends when that is deleted, or past; gives how many records it was.</summary>
    public async Task<int> ClearAsync()
    {
        DateTimeOffset now = mixnet.Time.GetUtcNow(), dropped = DroppedAt(now);
        if (notes is null)
        {
            return 0;
        }
        TimeSpan within = notes.MissedWithin(mixnet.Document);
        List<Task> clearing = [];
        foreach (Leftover left in await notes.TakeAbandonedAsync())
        {
            if (left.Until <= now)
            {
                await notes.ForgetAsync(left);
                continue;
            }
            DueTombstone[] tombstones =
            [
                .. left.Tombstones.Where(tombstone => tombstone.Due > now),
                .. Draw(left.Tombstones.Where(tombstone => tombstone.Due <= now).Select(tombstone => tombstone.Box), now, within),
            ];
            clearing.Add(RunAsync(left with { Until = left.Until < dropped ? left.Until : dropped, Tombstones = tombstones }, within));
        }
        await Task.WhenAll(clearing);
        return clearing.Count;
    }

    async Task RunAsync(Leftover left, TimeSpan within)
    {
        while (true)
        {
            DueTombstone[] due = [.. left.Tombstones.Where(tombstone => tombstone.Due < left.Until).OrderBy(tombstone => tombstone.Due)];
            if (due.Length == 0)
            {
                break;
            }
            await (notes?.ReplaceAsync(left with { Tombstones = due }) ?? ValueTask.CompletedTask);
            ConcurrentQueue<Box> failed = [];
            await BoxWindow.RunAsync(due.Length, async (i, token) =>
            {
                await mixnet.DelayUntilAsync(due[i].Due, token);
                if (!await TryWriteAsync(due[i].Box, token))
                {
                    failed.Enqueue(due[i].Box);
                }
            }, CancellationToken.None);
            // Twice as long every time: some dozen attempts until the epoch is past, and no crowd when a replica has room again.
            within *= 2;
            left = left with { Tombstones = Draw(failed, mixnet.Time.GetUtcNow(), within) };
        }
        await (notes?.ForgetAsync(left) ?? ValueTask.CompletedTask);
    }

    async Task<bool> TryWriteAsync(Box tombstone, CancellationToken cancellation)
    {
        try
        {
            return (await boxes.WriteAsync(tombstone, cancellation)).Status == BoxStatus.Ok;
        }
        catch (Exception error) when (error is FunionException or InvalidOperationException)
        {
            // The document has no keys for this epoch: there may be a newer one the next time.
            return false;
        }
    }

    DueTombstone[] Draw(IEnumerable<Box> tombstones, DateTimeOffset from, TimeSpan within) =>
        [.. tombstones.Select(box => new DueTombstone(box, from + (within * mixnet.Random.NextDouble())))];

    /// <summary>When the replicas drop what is written now.</summary>
    DateTimeOffset DroppedAt(DateTimeOffset now) =>
        mixnet.Document.ReplicaEpochStart(mixnet.Document.ReplicaEpochAt(now) + ReplicaBoxes.KeptEpochs);
}
