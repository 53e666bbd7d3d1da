using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.LocalNetwork;

/// <summary>
/// A whole network in one process: every node with its own ports, every message through queues, every leg of compute through the mixnet. What differs
/// from the cloud is who calls the roles, and that one process, of course, sees everything.
/// </summary>
sealed class LocalNetwork : IDisposable
{
    readonly Dictionary<NodeId, LocalNode> _nodes = [];
    readonly LocalNodeContext _context;

    public LocalNetwork(
        NetworkDocument document, IReadOnlyList<NodeKeys> keys, RunBatch run, bool dummies, Func<string, LocalPorts> ports, RandomSource random,
        TimeProvider time, Func<NodeId, RandomSource>? slotDraws = null, Func<string, TimeProvider>? clocks = null)
    {
        Document = document;
        clocks ??= _ => time;
        _context = new LocalNodeContext(new NodeContext(document, SendAsync, random, time, slotDraws ?? (_ => random)), Links);
        foreach (NodeKeys node in keys.Where(node => node.Role != NodeRole.Compute))
        {
            string name = document.Node(node.Id)!.Name;
            Add(LocalNode.Create(_context.By(clocks(name)), node, ports(name), null));
        }
        NodeKeys compute = keys.First(node => node.Role == NodeRole.Compute);
        string computeName = document.Node(compute.Id)!.Name;
        LocalPorts computePorts = ports(computeName);
        Compute = new ComputeParts(
            document, compute, computePorts.Store, ConnectTo(document.Gateways[0].Id), run, dummies, random, clocks(computeName));
        Add(LocalNode.Create(_context.By(clocks(computeName)), compute, computePorts, Compute.Accept));
    }

    public NetworkDocument Document { get; }

    public IReadOnlyCollection<LocalNode> Nodes => _nodes.Values;

    public ComputeParts Compute { get; }

    public LinkCounters Links { get; } = new();

    /// <summary>Everything that acts in time.</summary>
    public IEnumerable<Actor> Actors =>
        [.. _nodes.Values.SelectMany(node => (Actor[])[node.Pump, node.SlotPump]), .. _nodes.Values.SelectMany(node => node.Timers), .. Compute.Actors];

    public LocalNode this[NodeId id] => _nodes[id];

    /// <summary>What became of every mix's and gateway's own loops.</summary>
    public async ValueTask<IReadOnlyList<LoopReport>> ReportLoopsAsync(CancellationToken cancellation)
    {
        List<LoopReport> reports = [];
        foreach (LocalNode node in _nodes.Values.Where(node => node.Loops is not null))
        {
            reports.Add(await node.Loops!.ReportAsync(cancellation));
        }
        return [.. reports.OrderBy(report => (report.Role, report.Layer, report.Index))];
    }

    /// <summary>A way into a gateway without HTTP.</summary>
    public GatewayConnection ConnectTo(NodeId gateway)
    {
        LocalNode node = _nodes[gateway];
        return new LocalGatewayConnection(node.Gateway!, new EffectRunner(node.Ports.Store, node.Ports.Queue, SendAsync));
    }

    /// <summary>Once its actors have ended: leaves to the next generation at once what this one had in hand.</summary>
    public async ValueTask HandBackAsync(CancellationToken cancellation)
    {
        foreach (LocalNode node in _nodes.Values)
        {
            await node.Pump.HandBackAsync(cancellation);
            await node.SlotPump.HandBackAsync(cancellation);
        }
    }

    public void Dispose()
    {
        Compute.Dispose();
        foreach (LocalNode node in _nodes.Values)
        {
            node.Dispose();
        }
    }

    void Add(LocalNode node) => _nodes.Add(node.Descriptor.Id, node);

    ValueTask SendAsync(NodeId to, string queue, ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        _nodes.TryGetValue(to, out LocalNode? node)
            ? node.Ports.Queue.EnqueueAsync(queue, message, TimeSpan.Zero, cancellation)
            : ValueTask.CompletedTask;
}
