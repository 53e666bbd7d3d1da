namespace Funion.Private.Serving;

/// <summary>Counts who is inside. Whom it turns away has cost nothing but the asking.</summary>
public sealed class SessionGate(DirectLimits limits)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, int> _parties = new(StringComparer.Ordinal);
    int _inside;

    /// <summary>Sessions under way.</summary>
    public int Inside
    {
        get
        {
            lock (_lock)
            {
                return _inside;
            }
        }
    }

    /// <summary>A place for a party's session until it is disposed; null when there is none.</summary>
    public IDisposable? TryEnter(string party)
    {
        lock (_lock)
        {
            int own = _parties.GetValueOrDefault(party);
            if (_inside >= limits.Sessions || own >= limits.PartySessions)
            {
                return null;
            }
            _inside++;
            _parties[party] = own + 1;
            return new Place(this, party);
        }
    }

    void Leave(string party)
    {
        lock (_lock)
        {
            _inside--;
            if (--_parties[party] == 0)
            {
                _parties.Remove(party);
            }
        }
    }

    sealed class Place(SessionGate gate, string party) : IDisposable
    {
        int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(party);
            }
        }
    }
}
