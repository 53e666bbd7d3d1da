using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Funion.Client;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// Compute's own, in its store, sealed as jobs are: when keys turn or the process dies, the next generation deletes the boxes of dummies as if nothing had
/// happened. A box that nobody deletes would be a dummy's.
/// </summary>
sealed class DummyNotes(BoxStore store, ComputeJobs jobs, NetworkDocument document, TimeProvider time) : DeletionNotes
{
    public const string Shelf = "dummies";

    readonly string _own = RandomNumberGenerator.GetHexString(16, lowercase: true);
    readonly ConcurrentDictionary<string, StoreKey> _places = [];
    int _last;

    public override async ValueTask<string?> KeepAsync(Leftover left)
    {
        string name = $"{_own}-{Interlocked.Increment(ref _last).ToString("x", CultureInfo.InvariantCulture)}";
        StoreKey key = new(Shelf, document.EpochAt(time.GetUtcNow()), name);
        try
        {
            if (await store.PutIfAbsentAsync(key, jobs.Seal(key, left.ToBytes()), CancellationToken.None) != PutOutcome.Created)
            {
                return null;
            }
            _places[name] = key;
            return name;
        }
        catch (Exception error) when (error is PortUnavailableException or InvalidOperationException)
        {
            return null;
        }
    }

    public override async ValueTask ReplaceAsync(Leftover left)
    {
        if (left.Kept is null || !_places.TryGetValue(left.Kept, out StoreKey key))
        {
            return;
        }
        try
        {
            if (await store.GetAsync(key, CancellationToken.None) is { } stored)
            {
                await store.ReplaceIfUnchangedAsync(key, jobs.Seal(key, left.ToBytes()), stored.Version, CancellationToken.None);
            }
        }
        catch (Exception error) when (error is PortUnavailableException or InvalidOperationException)
        {
            // The next generation goes by the old times.
        }
    }

    public override async ValueTask ForgetAsync(Leftover left)
    {
        if (left.Kept is null || !_places.TryRemove(left.Kept, out StoreKey key))
        {
            return;
        }
        try
        {
            await store.DeleteAsync(key, CancellationToken.None);
        }
        catch (PortUnavailableException)
        {
            // Goes with its epoch.
        }
    }

    public override async ValueTask<IReadOnlyList<Leftover>> TakeAbandonedAsync()
    {
        List<Leftover> found = [];
        try
        {
            await foreach (long epoch in store.ListEpochsAsync(Shelf, CancellationToken.None))
            {
                await foreach (string name in store.ListAsync(Shelf, epoch, "", CancellationToken.None))
                {
                    StoreKey key = new(Shelf, epoch, name);
                    if (!name.StartsWith(_own, StringComparison.Ordinal) && await jobs.ReadAsync(key, CancellationToken.None) is { } body
                        && Leftover.TryParse(body) is { } left)
                    {
                        _places[name] = key;
                        found.Add(left with { Kept = name });
                    }
                }
            }
        }
        catch (PortUnavailableException)
        {
            // The rest is left to the generation after this one.
        }
        return found;
    }

    /// <summary>Compute is always there: what it missed, it missed by moments, and it deletes as everybody does.</summary>
    public override TimeSpan MissedWithin(NetworkDocument document) => Deletions.Within(document);
}
