using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Cli.Benches;

/// <summary>Sums over the generations of a host's nodes: each begins to count anew when keys turn.</summary>
sealed class SoakTally
{
    readonly Lock _lock = new();
    readonly LocalHost _host;
    readonly SortedDictionary<string, long> _links = new(StringComparer.Ordinal);
    long _sent, _returned, _lost, _late, _epochs;

    public SoakTally(LocalHost host)
    {
        _host = host;
        host.Ended += past =>
        {
            lock (_lock)
            {
                Add(_links, past);
                // Over memory ports a report is complete when it returns; the emulator's soak is shorter than an epoch.
                ValueTask<IReadOnlyList<LoopReport>> reports = past.ReportLoopsAsync(CancellationToken.None);
                if (reports.IsCompletedSuccessfully)
                {
                    _sent += reports.Result.Sum(node => node.Sent);
                    _returned += reports.Result.Sum(node => node.Returned);
                    _lost += reports.Result.Sum(node => node.Lost);
                }
                LoopStatistics compute = past.Compute.Client.Statistics;
                (_sent, _returned, _lost) = (_sent + compute.LoopsSent, _returned + compute.LoopsReturned, _lost + compute.LoopsLost);
                _late += past.Nodes.Sum(node => node.Counters.Late);
            }
        };
        host.Turned += _ => Interlocked.Increment(ref _epochs);
    }

    /// <summary>How often keys turned.</summary>
    public long Epochs => Interlocked.Read(ref _epochs);

    /// <summary>Packets that were dropped because they were late.</summary>
    public long Late
    {
        get
        {
            lock (_lock)
            {
                return _late + _host.Network.Nodes.Sum(node => node.Counters.Late);
            }
        }
    }

    /// <summary>Values in the nodes' stores, where those are in memory.</summary>
    public long Stored => _host.Network.Nodes.Sum(node => node.Ports.Store is MemoryBoxStore store ? (long)store.Count : 0);

    /// <summary>Messages on every kind of link.</summary>
    public SortedDictionary<string, long> Links()
    {
        lock (_lock)
        {
            SortedDictionary<string, long> links = new(_links, StringComparer.Ordinal);
            Add(links, _host.Network);
            return links;
        }
    }

    /// <summary>Loops of all nodes and of these clients.</summary>
    public async Task<(long Sent, long Returned, long Lost)> LoopsAsync(IReadOnlyList<LoopStatistics> clients, CancellationToken cancellation)
    {
        IReadOnlyList<LoopReport> nodes = await _host.Network.ReportLoopsAsync(cancellation);
        LoopStatistics[] all = [.. clients, _host.Network.Compute.Client.Statistics];
        lock (_lock)
        {
            return (
                _sent + nodes.Sum(node => node.Sent) + all.Sum(client => client.LoopsSent),
                _returned + nodes.Sum(node => node.Returned) + all.Sum(client => client.LoopsReturned),
                _lost + nodes.Sum(node => node.Lost) + all.Sum(client => client.LoopsLost));
        }
    }

    static void Add(SortedDictionary<string, long> links, LocalNetwork.LocalNetwork network)
    {
        foreach ((string link, long count) in network.Links.ByKind(network.Document))
        {
            links[link] = links.GetValueOrDefault(link) + count;
        }
    }
}
