using System.Diagnostics.CodeAnalysis;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>The secrets of reply blocks that are out. Each is used once, or expires.</summary>
sealed class SurbTable : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<SurbId, Entry> _entries = [];

    /// <summary>When each expires; what was taken out stays here until then.</summary>
    readonly PriorityQueue<SurbId, DateTimeOffset> _expiries = new();

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
            _entries.Add(secret.Id, new Entry(secret, request, late));
            _expiries.Enqueue(secret.Id, expires);
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
            while (_expiries.TryPeek(out SurbId id, out DateTimeOffset expires) && expires <= now)
            {
                _expiries.Dequeue();
                if (_entries.Remove(id, out Entry entry))
                {
                    entry.Secret.Dispose();
                    loops += entry.Request is null ? 1 : 0;
                }
            }
            return loops;
        }
    }

    public void Dispose() => Expire(DateTimeOffset.MaxValue);

    readonly record struct Entry(SurbSecret Secret, PendingRequest? Request, DateTimeOffset Late);
}
