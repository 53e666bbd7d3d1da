namespace Funion.Client;

/// <summary>
/// Requests that wait for a slot, first come first served, and those that were sent. A request that had no answer in time waits again, before the
/// others. One that was given up leaves no trace: its slot goes to the next, or to a decoy.
/// </summary>
sealed class RequestQueue
{
    readonly Lock _lock = new();
    readonly LinkedList<PendingRequest> _waiting = new();
    readonly List<PendingRequest> _sent = [];

    public void Enqueue(PendingRequest request)
    {
        lock (_lock)
        {
            _waiting.AddLast(request);
        }
    }

    /// <summary>The request for this slot, if any; the second value counts those whose patience ended.</summary>
    public (PendingRequest? Request, int Overdue) Take(DateTimeOffset now)
    {
        lock (_lock)
        {
            int overdue = Return(now);
            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (!first.Value.IsDone)
                {
                    return (first.Value, overdue);
                }
            }
            return (null, overdue);
        }
    }

    public void Sent(PendingRequest request, DateTimeOffset patience)
    {
        lock (_lock)
        {
            request.Patience = patience;
            _sent.Add(request);
        }
    }

    /// <summary>The gateway did not take it: first in line again.</summary>
    public void Requeue(PendingRequest request)
    {
        lock (_lock)
        {
            if (_sent.Remove(request))
            {
                _waiting.AddFirst(request);
            }
        }
    }

    int Return(DateTimeOffset now)
    {
        int overdue = 0;
        for (int i = _sent.Count - 1; i >= 0; i--)
        {
            PendingRequest request = _sent[i];
            if (!request.IsDone && request.Patience > now)
            {
                continue;
            }
            _sent.RemoveAt(i);
            if (!request.IsDone)
            {
                _waiting.AddFirst(request);
                overdue++;
            }
        }
        return overdue;
    }
}
