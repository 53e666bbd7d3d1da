using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Faults;

/// <summary>A store whose whole state is one immutable value: a moment of a run is kept, and gone back to, for nothing.</summary>
sealed class RewindableStore : BoxStore
{
    static readonly ImmutableSortedDictionary<string, StoredValue> s_empty = ImmutableSortedDictionary.Create<string, StoredValue>(StringComparer.Ordinal);

    readonly Lock _lock = new();
    long _version;

    public ImmutableSortedDictionary<(string Shelf, long Epoch), ImmutableSortedDictionary<string, StoredValue>> State { get; set; } =
        ImmutableSortedDictionary.Create<(string Shelf, long Epoch), ImmutableSortedDictionary<string, StoredValue>>();

    /// <summary>How many values lie on each shelf.</summary>
    public IReadOnlyDictionary<string, int> Counts() => State.GroupBy(shelf => shelf.Key.Shelf, shelf => shelf.Value.Count)
        .ToDictionary(shelf => shelf.Key, shelf => shelf.Sum());

    public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        Check(key, cancellation);
        lock (_lock)
        {
            if (Shelf(key).ContainsKey(key.Name))
            {
                return new(PutOutcome.Exists);
            }
            Set(key, value);
            return new(PutOutcome.Created);
        }
    }

    public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation)
    {
        Check(key, cancellation);
        return new(Shelf(key).GetValueOrDefault(key.Name));
    }

    public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
    {
        Check(key, cancellation);
        lock (_lock)
        {
            if (Shelf(key).GetValueOrDefault(key.Name)?.Version != version)
            {
                return new(PutOutcome.Exists);
            }
            Set(key, value);
            return new(PutOutcome.Created);
        }
    }

    public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation)
    {
        Check(key, cancellation);
        lock (_lock)
        {
            if (!Shelf(key).ContainsKey(key.Name))
            {
                return new(false);
            }
            ImmutableSortedDictionary<string, StoredValue> left = Shelf(key).Remove(key.Name);
            State = left.IsEmpty ? State.Remove((key.Shelf, key.Epoch)) : State.SetItem((key.Shelf, key.Epoch), left);
            return new(true);
        }
    }

    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await ValueTask.CompletedTask;
        foreach (string name in State.GetValueOrDefault((shelf, epoch), s_empty).Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            yield return name;
        }
    }

    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await ValueTask.CompletedTask;
        foreach ((string name, long epoch) in State.Keys)
        {
            if (name == shelf)
            {
                yield return epoch;
            }
        }
    }

    public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation)
    {
        lock (_lock)
        {
            State = State.Remove((shelf, epoch));
        }
        return ValueTask.CompletedTask;
    }

    static void Check(StoreKey key, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        cancellation.ThrowIfCancellationRequested();
    }

    ImmutableSortedDictionary<string, StoredValue> Shelf(StoreKey key) => State.GetValueOrDefault((key.Shelf, key.Epoch), s_empty);

    void Set(StoreKey key, ReadOnlyMemory<byte> value) => State = State.SetItem(
        (key.Shelf, key.Epoch), Shelf(key).SetItem(key.Name, new StoredValue(value.ToArray(), (++_version).ToString(CultureInfo.InvariantCulture))));
}
