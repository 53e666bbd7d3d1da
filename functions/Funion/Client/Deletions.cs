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
/// <param name="leftovers">Where it is noted what is still to do; null: nowhere.</param>
sealed class Deletions(MixnetClient mixnet, PigeonholeClient boxes, Leftovers? leftovers)
{
    /// <summary>Boxes in one record: a few hundred are a large question, and a file has many.</summary>
    const int MostInRecord = 1024;

    /// <summary>
    /// Over how long tombstones are spread whose time came while nobody was there. Drawn anew and independently for each box by whoever finds them, uniformly
    /// over hours: a short session meets next to none of them, so coming online deletes nothing, and a long one shows no moment at which several questions of
    /// one person went. What falls after the end of its box is never sent, rather than crowded in before it.
    /// </summary>
    static readonly TimeSpan s_missedWithin = TimeSpan.FromHours(6);

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

    /// <summary>Notes what will have to be deleted, before its first box goes out. Whoever finds it after a crash has missed its time.</summary>
    public IReadOnlyList<Leftover> Keep(params IReadOnlyList<(WriteCapability Stream, int Boxes)> streams)
    {
        DateTimeOffset now = mixnet.Time.GetUtcNow();
        List<Leftover> kept = [];
        foreach (Box[] tombstones in streams.SelectMany(stream => FixedStream.Tombstones(stream.Stream, stream.Boxes)).Chunk(MostInRecord))
        {
            Leftover left = new(null, DroppedAt(now), [.. tombstones.Select(box => new DueTombstone(box, now))]);
            kept.Add(left with { Kept = leftovers?.Keep(left) });
        }
        return kept;
    }

    /// <summary>It stays.</summary>
    public static void Forget(IReadOnlyList<Leftover> kept)
    {
        foreach (Leftover left in kept)
        {
            Leftovers.Forget(left.Kept);
        }
    }

    /// <summary>Deletes what was kept, from now on. The times are on disk when this returns.</summary>
    public void Begin(IReadOnlyList<Leftover> kept)
    {
        DateTimeOffset dropped = DroppedAt(mixnet.Time.GetUtcNow());
        TimeSpan within = Within(mixnet.Document);
        foreach (Leftover left in kept)
        {
            Task deleting = RunAsync(left with { Until = dropped, Tombstones = Draw(left.Tombstones.Select(tombstone => tombstone.Box), within) }, within);
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
        List<Task> clearing = [];
        foreach (Leftover left in leftovers?.Abandoned() ?? [])
        {
            if (left.Until <= now)
            {
                Leftovers.Forget(left.Kept);
                continue;
            }
            DueTombstone[] tombstones =
            [
                .. left.Tombstones.Where(tombstone => tombstone.Due > now),
                .. Draw(left.Tombstones.Where(tombstone => tombstone.Due <= now).Select(tombstone => tombstone.Box), s_missedWithin),
            ];
            clearing.Add(RunAsync(left with { Until = left.Until < dropped ? left.Until : dropped, Tombstones = tombstones }, s_missedWithin));
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
            Leftovers.Replace(left with { Tombstones = due });
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
            left = left with { Tombstones = Draw(failed, within) };
        }
        Leftovers.Forget(left.Kept);
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

    DueTombstone[] Draw(IEnumerable<Box> tombstones, TimeSpan within)
    {
        DateTimeOffset now = mixnet.Time.GetUtcNow();
        return [.. tombstones.Select(box => new DueTombstone(box, now + (within * mixnet.Random.NextDouble())))];
    }

    /// <summary>When the replicas drop what is written now.</summary>
    DateTimeOffset DroppedAt(DateTimeOffset now) =>
        mixnet.Document.ReplicaEpochStart(mixnet.Document.ReplicaEpochAt(now) + ReplicaBoxes.KeptEpochs);
}
