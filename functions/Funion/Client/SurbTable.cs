using System.Diagnostics.CodeAnalysis;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>The secrets of reply blocks that are out. Each is used once, or expires.</summary>
sealed class SurbTable : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<SurbId, Entry> _entries = [];

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

    /// <summary>Remembers a block; <paramref name="request"/> is null for a loop, <paramref name="late"/> when its reply should have come.</summary>
    public void Add(SurbSecret secret, PendingRequest? request, DateTimeOffset late, DateTimeOffset expires)
    {
        lock (_lock)
        {
            _entries.Add(secret.Id, new Entry(secret, request, late, expires));
        }
    }

    /// <summary>Takes a block out; its secret is the caller's to dispose. False for dummies, strangers and second replies.</summary>
    public bool TryTake(SurbId id, [NotNullWhen(true)] out SurbSecret? secret, out PendingRequest? request, out DateTimeOffset late)
    {
        lock (_lock)
        {
            bool found = _entries.Remove(id, out Entry entry);
            secret = entry.Secret;
            request = entry.Request;
            late = entry.Late;
            return found;
        }
    }

    /// <summary>Drops what has expired; the number of loops among it.</summary>
    public int Expire(DateTimeOffset now)
    {
        lock (_lock)
        {
            int loops = 0;
            foreach (KeyValuePair<SurbId, Entry> pair in _entries.Where(pair => pair.Value.Expires <= now).ToArray())
            {
                _entries.Remove(pair.Key);
                pair.Value.Secret.Dispose();
                loops += pair.Value.Request is null ? 1 : 0;
            }
            return loops;
        }
    }

    public void Dispose() => Expire(DateTimeOffset.MaxValue);

    readonly record struct Entry(SurbSecret Secret, PendingRequest? Request, DateTimeOffset Late, DateTimeOffset Expires);
}
