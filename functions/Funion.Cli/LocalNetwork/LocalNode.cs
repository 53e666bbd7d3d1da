using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.LocalNetwork;

/// <summary>One node of a local network: its role over its ports, driven by a pump. The same roles that the function app calls.</summary>
sealed class LocalNode : IDisposable
{
    static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    readonly IDisposable _keyring;
    readonly Action<string> _wake;

    /// <summary>A slot that is later than this is left out: after a pause there is no burst.</summary>
    static readonly TimeSpan s_slotSlack = TimeSpan.FromSeconds(3);

    LocalNode(
        NodeDescriptor descriptor, LocalPorts ports, HopCounters counters, LoopCounters loopCounters, LoopRole? loops, NodePump pump, NodePump slots,
        IReadOnlyList<Actor> timers, GatewayRole? gateway, LoadGauge? gauge, IDisposable keyring)
    {
        _keyring = keyring;
        _wake = queue => (queue == QueueNames.Slots ? slots : pump).Wake();
        Descriptor = descriptor;
        Ports = ports;
        Counters = counters;
        Pump = pump;
        SlotPump = slots;
        Timers = timers;
        LoopCounters = loopCounters;
        Loops = loops;
        Gateway = gateway;
        Gauge = gauge;
        ports.Queue.Arrived += _wake;
    }

    /// <summary>Wipes the node's own copies of its keys; its actors must not run any more.</summary>
    public void Dispose()
    {
        Ports.Queue.Arrived -= _wake;
        _keyring.Dispose();
    }

    public NodeDescriptor Descriptor { get; }

    public LocalPorts Ports { get; }

    public HopCounters Counters { get; }

    public NodePump Pump { get; }

    /// <summary>Takes slot tokens apart from all other work: what a role has to do must not make a link fall silent.</summary>
    public NodePump SlotPump { get; }

    /// <summary>What runs at times of its own: the draw of slots and the sweep.</summary>
    public IReadOnlyList<Actor> Timers { get; }

    public LoopCounters LoopCounters { get; }

    /// <summary>The node's own loops, at a mix or a gateway.</summary>
    public LoopRole? Loops { get; }

    /// <summary>The role behind the ingress, at a gateway.</summary>
    public GatewayRole? Gateway { get; }

    /// <summary>How late its part of the network is, at a gateway.</summary>
    public LoadGauge? Gauge { get; }

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
        LoopCounters loopCounters = new();
        NodeDescriptor node = document.Node(keys.Id)!;
        LoadGauge? gauge = node.Role == NodeRole.Gateway ? new LoadGauge(document.Slack, context.Time) : null;
        LoopRole? loops = node.Role is NodeRole.Mix or NodeRole.Gateway
            ? new LoopRole(node, document, ports.Store, context.Random, context.Time, loopCounters, gauge, ports.Poll)
            : null;
        EffectRunner runner = new(ports.Store, ports.Queue, (to, queue, message, cancellation) =>
        {
            context.Links.Count(node.Id, to);
            return context.Send(to, queue, message, cancellation);
        });
        (IReadOnlyList<QueueHandler> handlers, GatewayRole? gateway, IDisposable keyring) = node.Role == NodeRole.Replica
            ? ReplicaHandlers(context, keys, ports)
            : HopHandlers(context, keys, ports, counters, loops, gauge, compute);
        PumpOptions options = new() { Poll = ports.Poll, NextVisible = ports.Queue.NextVisible, Gauge = gauge };
        NodePump pump = new(ports.Queue, runner, handlers, options, context.Random, context.Time, counters);
        NodePump slots = new(ports.Queue, runner, [Slots(context, node, ports, loops)], options with { Gauge = null }, context.Random, context.Time, counters);
        // A polled queue is looked at every so often: a token that appears two polls early is in hand when it is due.
        SlotDrawer drawer = new(
            SlotSource.Of(document, node), ports.Store, ports.Queue, s_window + (2 * ports.Poll), 2 * ports.Poll,
            context.SlotDraws(node.Id), context.Time);
        return new LocalNode(
            node, ports, counters, loopCounters, loops, pump, slots,
            [
                drawer, new Sweeper(ports.Store, document, context.Time),
                .. node.Role == NodeRole.Replica ? [new ReplicaRebalance(node.Id, document, ports.Store, ports.Queue, context.Time)] : (Actor[])[],
            ],
            gateway, gauge, keyring);
    }

    static QueueHandler Slots(LocalNodeContext context, NodeDescriptor node, LocalPorts ports, LoopRole? loops)
    {
        PacedLinks links = new(context.Document, ports.Queue) { Self = node.Id };
        return new QueueHandler(
            QueueNames.Slots,
            async (delivery, cancellation) => SlotToken.TryParse(delivery.Message.Span) switch
            {
                { Kind: SlotKind.Loop } => loops?.Send() ?? Work.None,
                { } token => await links.TakeAsync(token, cancellation),
                null => Work.None,
            },
            delivery => HeldPacket.DueOf(delivery.Message.Span), s_slotSlack, Slots: true);
    }

    static (IReadOnlyList<QueueHandler> Handlers, GatewayRole? Gateway, IDisposable Keyring) ReplicaHandlers(LocalNodeContext context, NodeKeys keys, LocalPorts ports)
    {
        ReplicaKeyring keyring = new(keys.Id, keys.Keys.ToDictionary(key => key.Epoch, key => new SecretBytes(key.PrivateKey.Span)));
        ReplicaRole replica = new(context.Document, keyring, ports.Store, context.Random, context.Time, context.SlotDraws(keys.Id));
        return ([new QueueHandler(QueueNames.ReplicaIn, replica.HandleAsync)], null, keyring);
    }

    static (IReadOnlyList<QueueHandler> Handlers, GatewayRole? Gateway, IDisposable Keyring) HopHandlers(
        LocalNodeContext context, NodeKeys keys, LocalPorts ports, HopCounters counters, LoopRole? loops, LoadGauge? gauge,
        Func<ServiceRequest, Work>? compute)
    {
        NetworkDocument document = context.Document;
        NodeDescriptor node = document.Node(keys.Id)!;
        string inbound = QueueNames.In(node.Role), own = QueueNames.Out(node.Role);
        HopKeyring keyring = new(
            keys.Keys.Select(key => new HopKey(keys.Id, key.Epoch, new SecretBytes(key.PrivateKey.Span), key.PublicKey)),
            epoch => document.AcceptsEpoch(epoch, context.Time.GetUtcNow()));
        SphinxHop hop = new(
            new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops), keyring, own,
            next => document.MayFollow(node.Id, next), document.Rates.MeanDelay * (RandomSource.LongestExponential + 1), context.Time, counters);
        QueueHandler receive = new(inbound, (delivery, _) => ValueTask.FromResult(hop.Peel(delivery)));
        QueueHandler Release(Func<Delivery, CancellationToken, ValueTask<Work>> handle) =>
            new(own, handle, delivery => HeldPacket.DueOf(delivery.Message.Span), document.Slack);
        switch (node.Role)
        {
            case NodeRole.Gateway:
                GatewayRole gateway = new(
                    hop, ports.Store, document.Mailbox.PacketsPerPoll, document.EpochAt, document.Inbound, context.Time, counters, loops,
                    () => gauge!.Sheds(context.Random));
                return ([receive, Release(gateway.ReleaseAsync)], gateway, keyring);
            case NodeRole.Mix:
                MixRole mix = new(hop, document.Inbound, counters, loops);
                return ([receive, Release(mix.ReleaseAsync)], null, keyring);
            case NodeRole.Courier:
                CourierEnvelopes envelopes = new(node.Id, document, ports.Store, context.Time, ports.Queue.CountAsync);
                SecretBytes atRest = new(32);
                HkdfBlake2b.DeriveKey(keys.IdentitySeed.Span, [], "funion-copies-at-rest-v1"u8, atRest.Span);
                CopyRole copies = new(document, envelopes, ports.Store, atRest, context.Random, context.Time);
                CourierRole courier = new(document, envelopes, copies);
                ServiceNode service = new(hop, Endpoint(ServiceNames.Courier, courier.HandleAsync), document.Inbound, counters);
                return ([receive, Release(service.ReleaseAsync), new QueueHandler(QueueNames.CourierReplies, envelopes.ReceiveAnswerAsync), new QueueHandler(QueueNames.Copies, copies.StepAsync)], null, keyring);
            default:
                ArgumentNullException.ThrowIfNull(compute);
                ServiceNode jobs = new(
                    hop, Endpoint(ServiceNames.Compute, (request, _) => ValueTask.FromResult(compute(request))), document.Inbound, counters);
                return ([receive, Release(jobs.ReleaseAsync)], null, keyring);
        }
    }

    static Dictionary<RecipientId, Func<ServiceRequest, CancellationToken, ValueTask<Work>>> Endpoint(
        RecipientId name, Func<ServiceRequest, CancellationToken, ValueTask<Work>> handle) => new() { [name] = handle };
}
