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
    readonly HashSet<Making> _making = [];

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

    /// <summary>A place for so many bytes of a party, held while they are made; null when there is none.</summary>
    public MaterialPlace? TryReserve(string party, long size)
    {
        lock (_lock)
        {
            Sweep();
            if (!FitsWithin(party, size) || !MayMake(party, size))
            {
                return null;
            }
            Making making = new(party, size);
            _making.Add(making);
            return new MaterialPlace(material => TryKeep(making, material), () => Leave(making));
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
        // A file that was refused, or could not be read, lies there still, and counts for as long as it does.
        bool stays = true;
        try
        {
            MaterialOutcome outcome = folder.TryTake(model, session, out ServerMaterial? material);
            stays = outcome is not (MaterialOutcome.Taken or MaterialOutcome.Missing);
            return material;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            Settle(session, stays);
        }
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

    bool TryKeep(Making place, ServerMaterial material)
    {
        ArgumentNullException.ThrowIfNull(material);
        long size = material.Size;
        Bytes32 session = material.Session;
        lock (_lock)
        {
            _making.Remove(place);
            // It counts from now on, and can be taken once it is all there.
            if (!FitsWithin(place.Party, size)
                || !_entries.TryAdd(session, new Entry(place.Party, size, time.GetUtcNow(), folder is null ? material : null) { IsBusy = folder is not null }))
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

    void Leave(Making place)
    {
        lock (_lock)
        {
            _making.Remove(place);
        }
    }

    bool FitsWithin(string party, long size)
    {
        long all = size, own = size;
        foreach ((string whose, long bytes) in _entries.Values.Select(entry => (entry.Party, entry.Size)).Concat(_making.Select(making => (making.Party, making.Size))))
        {
            all += bytes;
            own += whose == party ? bytes : 0;
        }
        return all <= limits.Bytes && own <= limits.PartyBytes;
    }

    /// <summary>One at a time always: what fits on the shelf can be made.</summary>
    bool MayMake(string party, long size)
    {
        long all = _making.Sum(making => making.Size), own = _making.Where(making => making.Party == party).Sum(making => making.Size);
        return (all == 0 || all + size <= limits.MakingBytes) && (own == 0 || own + size <= limits.PartyMakingBytes);
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

    /// <summary>A place that is held: by reference, since one party may hold several of one size.</summary>
    sealed class Making(string party, long size)
    {
        public string Party => party;

        public long Size => size;
    }

    sealed record Entry(string Party, long Size, DateTimeOffset Kept, ServerMaterial? Material)
    {
        /// <summary>It is being written or taken.</summary>
        public bool IsBusy { get; set; }
    }
}
