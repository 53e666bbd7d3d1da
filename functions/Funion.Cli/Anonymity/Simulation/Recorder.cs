namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// What the wire sees: time, size, from and to of everything on every link, and every operation on every node's storage. Places are numbered: nodes first, then
/// clients. Sizes are checked as they come: a link carries one size (commands and replies of a link between replicas are one size too), so that no
/// distinguisher has to look at them.
/// </summary>
sealed class Recorder(EventQueue events)
{
    readonly Dictionary<(int From, int To), (Track Track, int Size)> _links = [];
    readonly Dictionary<(int Node, StoreOperation Operation), Track> _stores = [];

    /// <summary>All links on which something was seen.</summary>
    public IEnumerable<(int From, int To)> Links => _links.Keys;

    /// <summary>Messages of more than one size on one link; stays 0.</summary>
    public long OddSizes { get; private set; }

    public void Wire(int from, int to, int size)
    {
        if (!_links.TryGetValue((from, to), out (Track Track, int Size) link))
        {
            _links[(from, to)] = link = (new Track(), size);
        }
        OddSizes += link.Size == size ? 0 : 1;
        link.Track.Add(events.Seconds);
    }

    public void Store(int node, StoreOperation operation)
    {
        if (!_stores.TryGetValue((node, operation), out Track? track))
        {
            _stores[(node, operation)] = track = new Track();
        }
        track.Add(events.Seconds);
    }

    public Track Link(int from, int to) => _links.TryGetValue((from, to), out (Track Track, int Size) link) ? link.Track : s_nothing;

    public Track Operations(int node, StoreOperation operation) => _stores.GetValueOrDefault((node, operation)) ?? s_nothing;

    public void Forget(double before)
    {
        foreach ((Track track, _) in _links.Values)
        {
            track.Forget(before);
        }
        foreach (Track track in _stores.Values)
        {
            track.Forget(before);
        }
    }

    static readonly Track s_nothing = new();
}
