namespace Funion.Client;

/// <summary>
/// Requests that wait for a slot, first come first served in two lanes, and those that were sent. A request that had no answer in time waits again,
/// before the others of its lane. One that was given up leaves no trace: its slot goes to the next, or to a decoy.
/// </summary>
sealed class RequestQueue
{
    readonly Lock _lock = new();
    readonly LinkedList<PendingRequest> _first = new(), _others = new();
    readonly List<PendingRequest> _sent = [];

    public void Enqueue(PendingRequest request)
    {
        lock (_lock)
        {
            LaneOf(request).AddLast(request);
        }
    }

    /// <summary>The request for this slot, if any; the second value counts those whose patience ended.</summary>
    public (PendingRequest? Request, int Overdue) Take(DateTimeOffset now)
    {
        lock (_lock)
        {
            int overdue = Return(now);
            return (Next(_first) ?? Next(_others), overdue);
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
                LaneOf(request).AddFirst(request);
            }
        }
    }

    LinkedList<PendingRequest> LaneOf(PendingRequest request) => request.First ? _first : _others;

    static PendingRequest? Next(LinkedList<PendingRequest> lane)
    {
        while (lane.First is { } next)
        {
            lane.RemoveFirst();
            if (!next.Value.IsDone)
            {
                return next.Value;
            }
        }
        return null;
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
                LaneOf(request).AddFirst(request);
                overdue++;
            }
        }
        return overdue;
    }
}
