using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.LocalNetwork;

/// <summary>One node of a local network: its parts, driven by pumps. The same parts that the function app's triggers call.</summary>
sealed class LocalNode : IDisposable
{
    readonly NodeParts _parts;
    readonly Action<string> _wake;

    LocalNode(NodeParts parts, LocalPorts ports, LocalNodeContext context)
    {
        _parts = parts;
        Ports = ports;
        // What a process had in hand when it died comes back before it is overdue.
        PumpOptions options = new() { Lease = context.Node.Document.Slack / 2, Poll = ports.Poll, NextVisible = ports.Queue.NextVisible };
        Pump = new NodePump(
            ports.Queue, parts.Runner, parts.Handlers, options with { Gauge = parts.Gauge }, context.Node.Random, context.Node.Time, parts.Counters);
        SlotPump = new NodePump(ports.Queue, parts.Runner, [parts.Slots], options, context.Node.Random, context.Node.Time, parts.Counters);
        _wake = queue => (queue == QueueNames.Slots ? SlotPump : Pump).Wake();
        ports.Queue.Arrived += _wake;
    }

    public NodeDescriptor Descriptor => _parts.Descriptor;

    public LocalPorts Ports { get; }

    public HopCounters Counters => _parts.Counters;

    public NodePump Pump { get; }

    /// <summary>Takes slot tokens apart from all other work.</summary>
    public NodePump SlotPump { get; }

    /// <summary>What runs at times of its own.</summary>
    public IReadOnlyList<Actor> Timers => _parts.Timers;

    public LoopCounters LoopCounters => _parts.LoopCounters;

    public LoopRole? Loops => _parts.Loops;

    public GatewayRole? Gateway => _parts.Gateway;

    public LoadGauge? Gauge => _parts.Gauge;

    public Admission? Admission => _parts.Admission;

    /// <summary>Builds a node. <paramref name="compute"/> is what answers jobs, at a compute node.</summary>
    public static LocalNode Create(LocalNodeContext context, NodeKeys keys, LocalPorts ports, Func<ServiceRequest, Work>? compute)
    {
        NodeContext counted = context.Node with
        {
            Send = (to, queue, message, cancellation) =>
            {
                context.Links.Count(keys.Id, to);
                return context.Node.Send(to, queue, message, cancellation);
            },
        };
        NodeParts parts = NodeParts.Create(counted, keys, new NodePorts(ports.Store, ports.Queue), NodePace.OfProcess(ports.Poll), compute);
        return new LocalNode(parts, ports, context);
    }

    /// <summary>Wipes the node's own copies of its keys; its actors must not run any more.</summary>
    public void Dispose()
    {
        Ports.Queue.Arrived -= _wake;
        _parts.Dispose();
    }
}
