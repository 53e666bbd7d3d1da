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
            if (!FitsWithin(party, size) || !_entries.TryAdd(session, new Entry(party, size, time.GetUtcNow(), folder is null ? material : null)))
            {
                return false;
            }
        }
        try
        {
            folder?.Keep(material);
            return true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            lock (_lock)
            {
                _entries.Remove(session);
            }
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
            _entries.Remove(session, out entry);
        }
        if (entry is null || folder is null)
        {
            return entry?.Material;
        }
        folder.TryTake(model, session, out ServerMaterial? material);
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
        foreach ((Bytes32 session, Entry entry) in _entries.Where(one => one.Value.Kept < oldest).ToArray())
        {
            _entries.Remove(session);
            entry.Material?.Dispose();
            folder?.Forget(session);
        }
    }

    sealed record Entry(string Party, long Size, DateTimeOffset Kept, ServerMaterial? Material);
}
