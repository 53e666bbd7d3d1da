using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// What one node consists of: its role's handlers over its two ports, its own loops, what runs at times. Whoever calls the handlers, a pump in a process
/// or a host's triggers, calls the same.
/// </summary>
public sealed class NodeParts : IDisposable
{
    readonly IDisposable _keyring;
    readonly Dictionary<long, SecretBytes> _loopsAtRest = [];

    NodeParts(NodeContext context, NodeKeys keys, NodePorts ports, NodePace pace, Func<ServiceRequest, Work>? compute)
    {
        NetworkDocument document = context.Document;
        Descriptor = document.Node(keys.Id) ?? throw new ArgumentException("The document does not name this node.", nameof(keys));
        (Gauge, Admission) = Descriptor.Role == NodeRole.Gateway ? (new LoadGauge(document.Slack, context.Time), new Admission(document, context.Time)) : default;
        foreach (EpochSecret key in keys.Keys)
        {
            HkdfBlake2b.DeriveKey(key.PrivateKey.Span, [], "funion-loops-at-rest-v1"u8, (_loopsAtRest[key.Epoch] = new SecretBytes(SealedAtRest.KeySize)).Span);
        }
        Loops = Descriptor.Role is NodeRole.Mix or NodeRole.Gateway
            ? new LoopRole(Descriptor, document, ports.Store, _loopsAtRest, context.Random, context.Time, LoopCounters, Admission, pace.Poll)
            : null;
        Totals = Loops is null ? null : new NodeTotals(ports.Store, document, Loops, LoopCounters, Gauge, Admission, context.Time);
        Runner = new EffectRunner(ports.Store, ports.Queue, context.Send);
        (Handlers, Gateway, _keyring) = Descriptor.Role == NodeRole.Replica ? ReplicaHandlers(context, keys, ports) : HopHandlers(context, keys, ports, compute);
        Slots = SlotHandler(context, ports, pace);
        Drawer = new SlotDrawer(
            SlotSource.Of(document, Descriptor), ports.Store, ports.Queue, pace.Window + pace.Lead, pace.Lead, context.SlotDraws(Descriptor.Id), context.Time);
        Sweeper = new Sweeper(ports.Store, document, context.Time);
        Rebalance = Descriptor.Role == NodeRole.Replica
            ? new ReplicaRebalance(Descriptor.Id, document, ports.Store, ports.Queue, context.Time)
            : null;
    }

    /// <summary>What the document says of the node.</summary>
    public NodeDescriptor Descriptor { get; }

    /// <summary>Totals of its hop.</summary>
    public HopCounters Counters { get; } = new();

    /// <summary>Totals of its loops.</summary>
    public LoopCounters LoopCounters { get; } = new();

    /// <summary>Carries out what handlers answer.</summary>
    public EffectRunner Runner { get; }

    /// <summary>The role's queues, but for slots.</summary>
    public IReadOnlyList<QueueHandler> Handlers { get; }

    /// <summary>Slot tokens, apart from all else: what a role has to do must not make a link fall silent.</summary>
    public QueueHandler Slots { get; }

    /// <summary>The node's own loops, at a mix or a gateway.</summary>
    public LoopRole? Loops { get; }

    /// <summary>The role behind the ingress, at a gateway.</summary>
    public GatewayRole? Gateway { get; }

    /// <summary>How late it is itself, at a gateway.</summary>
    public LoadGauge? Gauge { get; }

    /// <summary>How much it takes from clients, at a gateway.</summary>
    public Admission? Admission { get; }

    /// <summary>What its processes tell one another, at a mix or a gateway; one process that does all of a node's work has no use for it.</summary>
    public NodeTotals? Totals { get; }

    /// <summary>Draws slots.</summary>
    public SlotDrawer Drawer { get; }

    /// <summary>Deletes what epochs left.</summary>
    public Sweeper Sweeper { get; }

    /// <summary>Hands boxes on, at a replica.</summary>
    public ReplicaRebalance? Rebalance { get; }

    /// <summary>What runs at times of its own.</summary>
    public IReadOnlyList<Actor> Timers => Rebalance is null ? [Drawer, Sweeper] : [Drawer, Sweeper, Rebalance];

    /// <summary>Builds a node; <paramref name="compute"/> is what answers jobs, at a compute node.</summary>
    /// <exception cref="ArgumentException">The document does not name the node.</exception>
    public static NodeParts Create(NodeContext context, NodeKeys keys, NodePorts ports, NodePace pace, Func<ServiceRequest, Work>? compute = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(pace);
        return new NodeParts(context, keys, ports, pace, compute);
    }

    /// <summary>Wipes the node's own copies of its keys; nothing may call its handlers any more.</summary>
    public void Dispose()
    {
        Totals?.Dispose();
        _keyring.Dispose();
        foreach (SecretBytes key in _loopsAtRest.Values)
        {
            key.Dispose();
        }
    }

    QueueHandler SlotHandler(NodeContext context, NodePorts ports, NodePace pace)
    {
        PacedLinks links = new(context.Document, ports.Queue) { Self = Descriptor.Id };
        return new QueueHandler(
            QueueNames.Slots,
            async (delivery, cancellation) => SlotToken.TryParse(delivery.Message.Span) switch
            {
                { Kind: SlotKind.Loop } => Loops is null ? Work.None : await Loops.SendAsync(cancellation),
                { } token => await links.TakeAsync(token, cancellation),
                null => Work.None,
            },
            delivery => HeldPacket.DueOf(delivery.Message.Span), pace.SlotSlack, Slots: true);
    }

    static (IReadOnlyList<QueueHandler> Handlers, GatewayRole? Gateway, IDisposable Keyring) ReplicaHandlers(NodeContext context, NodeKeys keys, NodePorts ports)
    {
        ReplicaKeyring keyring = new(keys.Id, keys.Keys.ToDictionary(key => key.Epoch, key => new SecretBytes(key.PrivateKey.Span)));
        ReplicaRole replica = new(context.Document, keyring, ports.Store, context.Random, context.Time, context.SlotDraws(keys.Id));
        return ([new QueueHandler(QueueNames.ReplicaIn, replica.HandleAsync)], null, keyring);
    }

    (IReadOnlyList<QueueHandler> Handlers, GatewayRole? Gateway, IDisposable Keyring) HopHandlers(
        NodeContext context, NodeKeys keys, NodePorts ports, Func<ServiceRequest, Work>? compute)
    {
        NetworkDocument document = context.Document;
        string inbound = QueueNames.In(Descriptor.Role), own = QueueNames.Out(Descriptor.Role);
        HopKeyring keyring = new(
            keys.Keys.Select(key => new HopKey(keys.Id, key.Epoch, new SecretBytes(key.PrivateKey.Span), key.PublicKey)),
            epoch => document.AcceptsEpoch(epoch, context.Time.GetUtcNow()));
        SphinxHop hop = new(
            new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops), keyring, own,
            next => document.MayFollow(Descriptor.Id, next), document.Rates.MeanDelay * (RandomSource.LongestExponential + 1), context.Time, Counters);
        // With twice that a full mix passes on nothing but what the next full one drops, and no reply comes back at all.
        QueueHandler receive = new(inbound, (delivery, _) => ValueTask.FromResult(hop.Peel(delivery))) { Patience = document.Slack / 2 };
        QueueHandler Release(Func<Delivery, CancellationToken, ValueTask<Work>> handle) =>
            new(own, handle, delivery => HeldPacket.DueOf(delivery.Message.Span), document.Slack);
        switch (Descriptor.Role)
        {
            case NodeRole.Gateway:
                GatewayRole gateway = new(
                    hop, ports.Store, document.Mailbox.PacketsPerPoll, document.EpochAt, document.Inbound, context.Time, Counters, Loops,
                    () => Gauge!.Sheds(context.Random) || !Admission!.Admits(context.Random));
                return ([receive, Release(gateway.ReleaseAsync)], gateway, keyring);
            case NodeRole.Mix:
                MixRole mix = new(hop, document.Inbound, Counters, Loops);
                return ([receive, Release(mix.ReleaseAsync)], null, keyring);
            case NodeRole.Courier:
                CourierEnvelopes envelopes = new(Descriptor.Id, document, ports.Store, context.Time, ports.Queue.CountAsync);
                SecretBytes atRest = new(32);
                HkdfBlake2b.DeriveKey(keys.IdentitySeed.Span, [], "funion-copies-at-rest-v1"u8, atRest.Span);
                CopyRole copies = new(document, envelopes, ports.Store, atRest, context.Random, context.Time);
                CourierRole courier = new(document, envelopes, copies);
                ServiceNode service = new(hop, Endpoint(ServiceNames.Courier, courier.HandleAsync), document.Inbound, Counters);
                return ([receive, Release(service.ReleaseAsync), new QueueHandler(QueueNames.CourierReplies, envelopes.ReceiveAnswerAsync), new QueueHandler(QueueNames.Copies, copies.StepAsync)], null, keyring);
            default:
                ArgumentNullException.ThrowIfNull(compute);
                ServiceNode jobs = new(
                    hop, Endpoint(ServiceNames.Compute, (request, _) => ValueTask.FromResult(compute(request))), document.Inbound, Counters);
                return ([receive, Release(jobs.ReleaseAsync)], null, keyring);
        }
    }

    static Dictionary<RecipientId, Func<ServiceRequest, CancellationToken, ValueTask<Work>>> Endpoint(
        RecipientId name, Func<ServiceRequest, CancellationToken, ValueTask<Work>> handle) => new() { [name] = handle };
}
