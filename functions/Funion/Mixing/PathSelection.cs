using Funion.Network;
using Funion.Sphinx;

namespace Funion.Mixing;

/// <summary>
/// Draws paths: the sender's gateway, one mix of each layer, the service; and back through other mixes into a mailbox at the gateway. Every delay,
/// the service's too, is Exp(1/μ), drawn by the packet's author. One gateway for long: changing it would show the sender to more of them.
/// </summary>
public sealed class PathSelection(NetworkDocument document, NodeDescriptor gateway, RandomSource random)
{
    // Looked up once: a document does not change.
    readonly IReadOnlyList<NodeDescriptor>[] _layers = [.. Enumerable.Range(1, NetworkTopology.Layers).Select(document.Mixes)];

    /// <summary>The sender's gateway.</summary>
    public NodeDescriptor Gateway => gateway;

    /// <summary>A path to a service.</summary>
    public PathHop[] Forward(NodeDescriptor service, long epoch)
    {
        ArgumentNullException.ThrowIfNull(service);
        return [Hop(gateway, epoch), .. Mixes(epoch), Hop(service, epoch)];
    }

    /// <summary>A path for a reply, from layer 1 to the gateway.</summary>
    public PathHop[] Back(long epoch) => [.. Mixes(epoch), Hop(gateway, epoch)];

    /// <summary>A path from a mix or a gateway itself to a service: through the layers after it.</summary>
    public PathHop[] From(NodeDescriptor sender, NodeDescriptor service, long epoch)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(service);
        return [.. Mixes(epoch).Skip(sender.Layer), Hop(service, epoch)];
    }

    /// <summary>A path for a reply to a mix or a gateway itself.</summary>
    public PathHop[] BackTo(NodeDescriptor receiver, long epoch)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        int layers = receiver.Role == NodeRole.Mix ? receiver.Layer - 1 : NetworkTopology.Layers;
        return [.. Mixes(epoch).Take(layers), Hop(receiver, epoch)];
    }

    /// <summary>How long a path takes if no hop is late.</summary>
    public static TimeSpan DelayOf(IReadOnlyList<PathHop> path) => TimeSpan.FromMilliseconds(path.Sum(hop => (double)hop.DelayMilliseconds));

    IEnumerable<PathHop> Mixes(long epoch)
    {
        foreach (IReadOnlyList<NodeDescriptor> mixes in _layers)
        {
            yield return Hop(mixes[random.Below(mixes.Count)], epoch);
        }
    }

    PathHop Hop(NodeDescriptor node, long epoch) => node.TryGetKey(epoch, out byte[]? key)
        ? new PathHop(node.Id, key, epoch, (uint)Math.Round(random.Exponential(document.Rates.MeanDelay).TotalMilliseconds))
        : throw new InvalidOperationException("The network document has no keys for this epoch.");
}
