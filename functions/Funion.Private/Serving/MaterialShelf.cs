using Funion.Private.Protocol;

namespace Funion.Private.Serving;

/// <summary>
/// What a provider keeps for clients that prepared: bounded in all and for each party, in memory or in a folder, and gone when it is taken, or too old. Safe for
/// many threads.
/// </summary>
/// <param name="limits">How much, how long.</param>
/// <param name="time">Clock.</param>
/// <param name="folder">Survives the process; null: memory. Disposed with the shelf.</param>
public sealed class MaterialShelf(ShelfLimits limits, TimeProvider time, MaterialFolder? folder = null) : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<Bytes32, Entry> _entries = Left(folder);

    /// <summary>Sessions that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Whether a party may leave so many bytes more.</summary>
    public bool HasRoom(string party, long size)
    {
        lock (_lock)
        {
            Sweep();
            return FitsWithin(party, size);
        }
    }

    /// <summary>Keeps material; false when there is no room: it is the caller's still.</summary>
    public bool TryKeep(string party, ServerMaterial material)
    {
        ArgumentNullException.ThrowIfNull(material);
        long size = material.Size;
        Bytes32 session = material.Session;
        lock (_lock)
        {
            Sweep();
            // It counts from now on, and can be taken once it is all there.
            if (!FitsWithin(party, size) || !_entries.TryAdd(session, new Entry(party, size, time.GetUtcNow(), folder is null ? material : null) { IsBusy = folder is not null }))
            {
                return false;
            }
        }
        try
        {
            folder?.Keep(material);
            Settle(session, stays: true);
            return true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            Settle(session, stays: false);
            return false;
        }
    }

    /// <summary>The material of a session, which is nowhere else then; null when there is none of this model.</summary>
    public ServerMaterial? Take(ServerModel model, Bytes32 session)
    {
        ArgumentNullException.ThrowIfNull(model);
        Entry? entry;
        lock (_lock)
        {
            Sweep();
            if (!_entries.TryGetValue(session, out entry) || entry.IsBusy)
            {
                return null;
            }
            if (folder is null)
            {
                _entries.Remove(session);
                return entry.Material;
            }
            entry.IsBusy = true;
        }
        MaterialOutcome outcome = folder.TryTake(model, session, out ServerMaterial? material);
        // A file that was refused lies there still, and counts for as long as it does.
        Settle(session, stays: outcome is not (MaterialOutcome.Taken or MaterialOutcome.Missing));
        return material;
    }

    /// <summary>Wipes what is in memory.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Entry entry in _entries.Values)
            {
                entry.Material?.Dispose();
            }
            _entries.Clear();
        }
        folder?.Dispose();
    }

    /// <summary>What an earlier process kept; whose it was is not on disk, so it counts for nobody.</summary>
    static Dictionary<Bytes32, Entry> Left(MaterialFolder? folder)
    {
        Dictionary<Bytes32, Entry> left = [];
        foreach (Bytes32 session in folder?.Sessions ?? [])
        {
            if (folder!.Find(session) is { } found)
            {
                left[session] = new Entry("", found.Size, found.Written, null);
            }
        }
        return left;
    }

    bool FitsWithin(string party, long size)
    {
        long all = size, own = size;
        foreach (Entry entry in _entries.Values)
        {
            all += entry.Size;
            own += entry.Party == party ? entry.Size : 0;
        }
        return all <= limits.Bytes && own <= limits.PartyBytes;
    }

    void Sweep()
    {
        DateTimeOffset oldest = time.GetUtcNow() - limits.Lifetime;
        foreach ((Bytes32 session, Entry entry) in _entries.Where(one => one.Value.Kept < oldest && !one.Value.IsBusy).ToArray())
        {
            // What cannot be deleted now is tried again, and counts until then.
            if (folder?.Forget(session) != false || folder.Find(session) is null)
            {
                _entries.Remove(session);
                entry.Material?.Dispose();
            }
        }
    }

    void Settle(Bytes32 session, bool stays)
    {
        lock (_lock)
        {
            if (stays && _entries.TryGetValue(session, out Entry? entry))
            {
                entry.IsBusy = false;
            }
            else
            {
                _entries.Remove(session);
            }
        }
    }

    sealed record Entry(string Party, long Size, DateTimeOffset Kept, ServerMaterial? Material)
    {
        /// <summary>It is being written or taken.</summary>
        public bool IsBusy { get; set; }
    }
}
