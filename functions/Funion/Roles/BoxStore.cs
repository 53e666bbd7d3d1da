namespace Funion.Roles;

/// <summary>
/// One of the two ports: durable values of one node. Every operation is atomic by itself and safe to repeat.
/// A store that cannot be reached throws <see cref="PortUnavailableException"/>; the delivery is then abandoned and comes again.
/// </summary>
public abstract class BoxStore
{
    /// <summary>Stores the value unless the key is taken. The operation that gates a role's work.</summary>
    public abstract ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation);

    /// <summary>Reads a value, or null when there is none.</summary>
    public abstract ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation);

    /// <summary>Replaces the value if its version is still <paramref name="version"/>. Allowed when the store is full: a tombstone must always fit.</summary>
    public abstract ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation);

    /// <summary>Deletes a value; false when there was none.</summary>
    public abstract ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation);

    /// <summary>Names on a shelf of an epoch that begin with <paramref name="prefix"/>, in ordinal order.</summary>
    public abstract IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation);

    /// <summary>Epochs that hold anything on a shelf, ascending.</summary>
    public abstract IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation);

    /// <summary>Deletes a whole epoch of a shelf without reading it.</summary>
    public abstract ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation);

    /// <summary>Deletes every epoch of a shelf before <paramref name="firstKept"/>.</summary>
    public async ValueTask DeleteEpochsBeforeAsync(string shelf, long firstKept, CancellationToken cancellation)
    {
        List<long> expired = [];
        await foreach (long epoch in ListEpochsAsync(shelf, cancellation))
        {
            if (epoch < firstKept)
            {
                expired.Add(epoch);
            }
        }
        foreach (long epoch in expired)
        {
            await DeleteEpochAsync(shelf, epoch, cancellation);
        }
    }
}
