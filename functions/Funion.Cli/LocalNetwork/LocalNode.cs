using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.LocalNetwork;

/// <summary>One node of a local network: its role over its ports, driven by a pump. The same roles that the function app calls.</summary>
sealed class LocalNode
{
    LocalNode(NodeDescriptor descriptor, LocalPorts ports, HopCounters counters, NodePump pump, Sweeper sweeper, GatewayRole? gateway)
    {
        Descriptor = descriptor;
        Ports = ports;
        Counters = counters;
        Pump = pump;
        Sweeper = sweeper;
        Gateway = gateway;
        ports.Queue.Arrived += _ => pump.Wake();
    }

    public NodeDescriptor Descriptor { get; }

    public LocalPorts Ports { get; }

    public HopCounters Counters { get; }

    public NodePump Pump { get; }

    public Sweeper Sweeper { get; }

    /// <summary>The role behind the ingress, at a gateway.</summary>
    public GatewayRole? Gateway { get; }

    /// <summary>Name for people and for storage: gateway-0, mix-2-1, replica-5.</summary>
    public string Name => NameOf(Descriptor);

    public static string NameOf(NodeDescriptor node) => node.Role == NodeRole.Mix
        ? $"mix-{node.Layer}-{node.Index}"
        : $"{node.Role.ToString().ToLowerInvariant()}-{node.Index}";

    /// <summary>Builds a node. <paramref name="compute"/> is what answers jobs, at a compute node.</summary>
    public static LocalNode Create(LocalNodeContext context, NodeKeys keys, LocalPorts ports, Func<ServiceRequest, Work>? compute)
    {
        NetworkDocument document = context.Document;
        HopCounters counters = new();
        NodeDescriptor node = document.Node(keys.Id)!;
        EffectRunner runner = new(ports.Store, ports.Queue, context.Send);
        (IReadOnlyList<QueueHandler> handlers, GatewayRole? gateway) = node.Role == NodeRole.Replica
            ? (ReplicaHandlers(context, keys, ports), null)
            : HopHandlers(context, keys, ports, counters, compute);
        PumpOptions options = new() { Poll = ports.Poll, NextVisible = ports.Queue.NextVisible };
        return new LocalNode(
            node, ports, counters, new NodePump(ports.Queue, runner, handlers, options, context.Random, context.Time, counters),
            new Sweeper(ports.Store, document, context.Time), gateway);
    }

    static IReadOnlyList<QueueHandler> ReplicaHandlers(LocalNodeContext context, NodeKeys keys, LocalPorts ports)
    {
        ReplicaKeyring keyring = new(keys.Id, keys.Keys.ToDictionary(key => key.Epoch, key => new SecretBytes(key.PrivateKey.Span)));
        ReplicaRole replica = new(context.Document, keyring, ports.Store, context.Random, context.Time);
        return [new QueueHandler(QueueNames.ReplicaIn, replica.HandleAsync)];
    }

    static (IReadOnlyList<QueueHandler> Handlers, GatewayRole? Gateway) HopHandlers(
        LocalNodeContext context, NodeKeys keys, LocalPorts ports, HopCounters counters, Func<ServiceRequest, Work>? compute)
    {
        NetworkDocument document = context.Document;
        NodeDescriptor node = document.Node(keys.Id)!;
        string inbound = QueueNames.In(node.Role), own = QueueNames.Out(node.Role);
        SphinxHop hop = new(
            new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops), new HopKeyring(keys.Keys.Select(key =>
                new HopKey(keys.Id, key.Epoch, new SecretBytes(key.PrivateKey.Span), key.PublicKey)),
                epoch => Math.Abs(epoch - document.EpochAt(context.Time.GetUtcNow())) <= 1), own,
            next => document.MayFollow(node.Id, next), document.Rates.MeanDelay * (RandomSource.LongestExponential + 1), context.Time, counters);
        QueueHandler receive = new(inbound, (delivery, _) => ValueTask.FromResult(hop.Peel(delivery)));
        QueueHandler Release(Func<Delivery, CancellationToken, ValueTask<Work>> handle) =>
            new(own, handle, delivery => HeldPacket.DueOf(delivery.Message.Span), document.Slack);
        switch (node.Role)
        {
            case NodeRole.Gateway:
                GatewayRole gateway = new(
                    hop, ports.Store, document.Mailbox.PacketsPerPoll, document.EpochAt, document.Inbound, context.Time, counters);
                return ([receive, Release((delivery, _) => ValueTask.FromResult(gateway.Release(delivery)))], gateway);
            case NodeRole.Mix:
                MixRole mix = new(hop, document.Inbound, counters);
                return ([receive, Release((delivery, _) => ValueTask.FromResult(mix.Release(delivery)))], null);
            case NodeRole.Courier:
                CourierRole courier = new(node.Id, document, ports.Store, context.Time);
                ServiceNode service = new(hop, Endpoint(ServiceNames.Courier, courier.HandleAsync), document.Inbound, counters);
                return ([receive, Release(service.ReleaseAsync), new QueueHandler(QueueNames.CourierReplies, courier.ReceiveAnswerAsync)], null);
            default:
                ArgumentNullException.ThrowIfNull(compute);
                ServiceNode jobs = new(
                    hop, Endpoint(ServiceNames.Compute, (request, _) => ValueTask.FromResult(compute(request))), document.Inbound, counters);
                return ([receive, Release(jobs.ReleaseAsync)], null);
        }
    }

    static Dictionary<RecipientId, Func<ServiceRequest, CancellationToken, ValueTask<Work>>> Endpoint(
        RecipientId name, Func<ServiceRequest, CancellationToken, ValueTask<Work>> handle) => new() { [name] = handle };
}
