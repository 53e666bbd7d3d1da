using System.Runtime.CompilerServices;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>A <see cref="BoxStore"/> in memory. Every operation completes synchronously.</summary>
/// <param name="capacity">Values that fit, all shelves together; a put beyond it is <see cref="PutOutcome.Full"/>.</param>
public sealed class MemoryBoxStore(int capacity = int.MaxValue) : BoxStore
{
    readonly Lock _lock = new();
    readonly Dictionary<string, SortedDictionary<long, MemoryShelf>> _shelves = new(StringComparer.Ordinal);
    int _count;
    long _version;

    /// <summary>Values stored now, all shelves together.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <inheritdoc/>
    public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            MemoryShelf? shelf = Find(key.Shelf, key.Epoch);
            if (shelf is not null && shelf.Contains(key.Name))
            {
                return new(PutOutcome.Exists);
            }
            if (_count >= capacity)
            {
                return new(PutOutcome.Full);
            }
            shelf ??= Add(key.Shelf, key.Epoch);
            shelf.Add(key.Name, value, ++_version);
            _count++;
            return new(PutOutcome.Created);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return new(Find(key.Shelf, key.Epoch)?.Find(key.Name));
        }
    }

    /// <inheritdoc/>
    public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        ArgumentNullException.ThrowIfNull(version);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            MemoryShelf? shelf = Find(key.Shelf, key.Epoch);
            if (shelf?.Find(key.Name) is not { } there || there.Version != version)
            {
                return new(PutOutcome.Exists);
            }
            shelf.Replace(key.Name, value, ++_version);
            return new(PutOutcome.Created);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            MemoryShelf? shelf = Find(key.Shelf, key.Epoch);
            if (shelf is null || !shelf.Remove(key.Name))
            {
                return new(false);
            }
            _count--;
            if (shelf.Count == 0)
            {
                _shelves[key.Shelf].Remove(key.Epoch);
            }
            return new(true);
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        ArgumentNullException.ThrowIfNull(prefix);
        IEnumerable<string> names;
        lock (_lock)
        {
            names = Find(shelf, epoch)?.NamesWith(prefix) ?? [];
        }
        foreach (string name in names)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return name;
        }
        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, 0);
        long[] epochs;
        lock (_lock)
        {
            epochs = _shelves.TryGetValue(shelf, out SortedDictionary<long, MemoryShelf>? byEpoch) ? [.. byEpoch.Keys] : [];
        }
        foreach (long epoch in epochs)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return epoch;
        }
        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (Find(shelf, epoch) is { } gone)
            {
                _count -= gone.Count;
                _shelves[shelf].Remove(epoch);
            }
        }
        return ValueTask.CompletedTask;
    }

    MemoryShelf? Find(string shelf, long epoch) =>
        _shelves.TryGetValue(shelf, out SortedDictionary<long, MemoryShelf>? epochs) ? epochs.GetValueOrDefault(epoch) : null;

    MemoryShelf Add(string shelf, long epoch)
    {
        if (!_shelves.TryGetValue(shelf, out SortedDictionary<long, MemoryShelf>? epochs))
        {
            _shelves.Add(shelf, epochs = []);
        }
        MemoryShelf added = new();
        epochs.Add(epoch, added);
        return added;
    }
}
