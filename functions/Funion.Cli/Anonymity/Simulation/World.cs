using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// A whole network in virtual time whose packets carry route and size and no cryptography, some thousand times faster than the network itself. What decides
/// when anything travels is the product's: the network document and its rates, <see cref="PoissonClock"/>, <see cref="PathSelection"/>,
/// <see cref="DecoyDestinations"/>, the sender's RequestQueue and BoxWindow, <see cref="SlotSource"/>, <see cref="BucketRound"/>, <see cref="DummyJobs"/>.
/// What only a cryptographic message drives (hops, couriers, replicas, the exchanges of a box) is written anew here, step by step after the roles, and a test
/// holds its traffic to that of the real network.
/// </summary>
sealed class World
{
    readonly Dictionary<NodeId, int> _index = [];
    readonly Func<NullPacket, object?>[] _services;
    readonly List<SimClient> _clients = [];

    public World(NetworkDocument document, Protections protections, ulong seed)
    {
        Document = document;
        Protections = protections;
        Random = new SeededSource(seed);
        Recorder = new Recorder(Events);
        Nodes =
        [
            .. document.Gateways, .. document.Mixes(1), .. document.Mixes(2), .. document.Mixes(3), .. document.Couriers, .. document.Computes,
            .. document.Replicas,
        ];
        foreach (NodeDescriptor node in Nodes)
        {
            _index.Add(node.Id, _index.Count);
        }
        PacketSize = new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops).PacketSize;
        _services = new Func<NullPacket, object?>[_index.Count];
        Links = new SimLinks(this);
        Replicas = [.. document.Replicas.Select(replica => new SimReplica(this, replica))];
        Couriers = [.. document.Couriers.Select(courier => new SimCourier(this, courier))];
        Links.Start();
        Loops = [.. Nodes.Where(node => node.Role is NodeRole.Gateway or NodeRole.Mix).Select(node => new SimLoops(this, node))];
        Gateway = IndexOf(document.Gateways[0].Id);
    }

    public NetworkDocument Document { get; }

    public Protections Protections { get; }

    public RandomSource Random { get; }

    public EventQueue Events { get; } = new();

    public Recorder Recorder { get; }

    public int PacketSize { get; }

    /// <summary>The one gateway at which everybody is.</summary>
    public int Gateway { get; }

    public SimLinks Links { get; }

    public IReadOnlyList<SimReplica> Replicas { get; }

    public IReadOnlyList<SimCourier> Couriers { get; }

    public IReadOnlyList<SimLoops> Loops { get; }

    /// <summary>Packets that services refused because somebody had changed them.</summary>
    public long Refused { get; private set; }

    /// <summary>Who follows packets through nodes; null: nobody.</summary>
    public Follower? Follower { get; set; }

    /// <summary>What an attacker does to packets as they arrive at a node; null: nothing.</summary>
    public Interference? Interference { get; set; }

    /// <summary>All nodes, by the number by which the recorder knows them.</summary>
    public IReadOnlyList<NodeDescriptor> Nodes { get; }

    /// <summary>All that ever sent, by the number by which the recorder knows them.</summary>
    public IReadOnlyList<SimClient> Clients => _clients;

    /// <summary>A network of the standard shape with a model of one box in and one out, batches of <paramref name="batch"/> every <paramref name="bucket"/>.</summary>
    public static NetworkDocument Plan(Rates? rates = null, int batch = 2, int models = 1, TimeSpan? bucket = null)
    {
        const int payload = 2_000;
        ModelEntry[] entries = [.. Enumerable.Range(0, models).Select(i => LocalModel.Entry(
            $"model-{i}", new string('a', 64), [new TensorSpec("x", "FP32", [1, 4])], [new TensorSpec("y", "FP32", [1, 4])], null, payload,
            [bucket ?? TimeSpan.FromSeconds(5)], batch))];
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(
            new LocalNetworkOptions { UserPayload = payload, Rates = rates ?? new Rates(), Models = entries }, new EventQueue().Now);
        return plan.Document;
    }

    public int IndexOf(NodeId node) => _index[node];

    /// <summary>An always-on client at the gateway.</summary>
    public SimClient AddClient(SenderRates? rates = null)
    {
        SimClient client = new(this, _index.Count + _clients.Count, _clients.Count, rates ?? SenderRates.OfClient(Document));
        _clients.Add(client);
        return client;
    }

    public void Serve(NodeDescriptor node, Func<NullPacket, object?> handle) => _services[IndexOf(node.Id)] = handle;

    /// <summary>A packet goes over a link.</summary>
    public void Send(int from, int to, NullPacket packet)
    {
        Recorder.Wire(from, to, PacketSize);
        if (from == Gateway && !packet.Answered)
        {
            packet.Entered = Events.Seconds;
        }
        TimeSpan extra = TimeSpan.Zero;
        if (Interference is not null && !Interference.Passes(from, to, packet, out extra))
        {
            return;
        }
        // Held on this hop's own queue until the delay that its author drew is over (SphinxHop, HeldPacket).
        TimeSpan delay = Protections.Mixing ? TimeSpan.FromMilliseconds(packet.Hop.DelayMilliseconds) : TimeSpan.Zero;
        Follower?.Held(to, packet);
        Events.In(delay + extra, () => Release(to, packet));
    }

    void Release(int at, NullPacket packet)
    {
        Follower?.Left(at, packet.Next is { } after ? IndexOf(after.Node) : -1);
        if (packet.Next is { } next)
        {
            packet.Advance();
            Send(at, IndexOf(next.Node), packet);
        }
        else if (!packet.Answered)
        {
            Deliver(at, packet);
        }
        else if (packet.Mailbox >= 0)
        {
            Recorder.Store(at, StoreOperation.Put);
            _clients[packet.Mailbox].Mailbox.Enqueue(packet);
        }
        else
        {
            packet.Return();
        }
    }

    void Deliver(int at, NullPacket packet)
    {
        if (packet.Tagged)
        {
            // The payload's tag is not zeros: the last hop refuses it (SphinxUnwrap), and can tell whoever tagged it.
            Refused++;
            return;
        }
        object? reply = packet.Request is null ? null : _services[at](packet);
        packet.Answer(reply);
        Send(at, IndexOf(packet.Hop.Node), packet);
    }
}
