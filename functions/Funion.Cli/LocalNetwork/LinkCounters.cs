using System.Collections.Concurrent;
using Funion.Network;

namespace Funion.Cli.LocalNetwork;

/// <summary>How many messages went over each link, as anybody who watches the wires could count.</summary>
sealed class LinkCounters
{
    readonly ConcurrentDictionary<(NodeId From, NodeId To), long> _counts = [];

    public void Count(NodeId from, NodeId to) => _counts.AddOrUpdate((from, to), 1, static (_, count) => count + 1);

    /// <summary>The counts so far, summed over links between the same kinds of nodes: "gateway → mix 1".</summary>
    public SortedDictionary<string, long> ByKind(NetworkDocument document)
    {
        SortedDictionary<string, long> sums = new(StringComparer.Ordinal);
        foreach (((NodeId from, NodeId to), long count) in _counts)
        {
            string name = $"{Kind(document.Node(from)!)} → {Kind(document.Node(to)!)}";
            sums[name] = sums.GetValueOrDefault(name) + count;
        }
        return sums;
    }

    static string Kind(NodeDescriptor node) => node.Role == NodeRole.Mix ? $"mix {node.Layer}" : node.Role.ToString().ToLowerInvariant();
}
