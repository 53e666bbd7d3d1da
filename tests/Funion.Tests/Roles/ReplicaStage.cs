using Funion.Bacap;
using Funion.Contracts;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;

namespace Funion.Tests.Roles;

/// <summary>
/// One courier and eight replicas with real keys over memory, and no mixnet: messages are handled one by one, repeated when a port fails.
/// </summary>
sealed class ReplicaStage : IDisposable
{
    const int UserPayload = 2_000;

    static readonly LocalNetworkPlan s_plan = LocalNetworkPlan.Create(
        new LocalNetworkOptions { UserPayload = UserPayload }, new VirtualTime().GetUtcNow());

    readonly Dictionary<NodeId, ReplicaRole> _replicas = [];
    readonly Dictionary<NodeId, EffectRunner> _runners = [];
    readonly List<ReplicaKeyring> _keyrings = [];
    readonly Queue<Parcel> _waiting = [];
    readonly SphinxGeometry _sphinx = new(UserPayload);
    readonly HopKey _gateway;
    readonly CourierRole _courier;
    readonly CourierEnvelopes _envelopes;
    readonly CopyRole _copies;

    // The document's: a client may still use its keys one epoch later.
    readonly long _keyEpoch;

    public ReplicaStage(int capacity = int.MaxValue, int seed = 1)
    {
        Random = new Simulation.SeededRandom(seed);
        Shards = new ShardMap(Document);
        _keyEpoch = Epoch;
        foreach (NodeKeys keys in s_plan.Nodes.Where(node => node.Role is NodeRole.Replica || node.Id == CourierId))
        {
            Stores[keys.Id] = new MemoryBoxStore(capacity);
            BoxStore store = new FaultyBoxStore(Stores[keys.Id], Faults);
            _runners[keys.Id] = new EffectRunner(store, new UnpacedLinks(Document, SendAsync, Waits.Add), SendAsync);
            if (keys.Role == NodeRole.Replica)
            {
                ReplicaKeyring keyring = new(
                    keys.Id, keys.Keys.ToDictionary(key => key.Epoch, key => new SecretBytes(key.PrivateKey.Span)));
                _keyrings.Add(keyring);
                _replicas[keys.Id] = new ReplicaRole(Document, keyring, store, Random, Time);
            }
        }
        FaultyBoxStore courierStore = new(Stores[CourierId], Faults);
        _envelopes = new CourierEnvelopes(CourierId, Document, courierStore, Time, (_, _) => ValueTask.FromResult(Waiting));
        _copies = new CopyRole(Document, _envelopes, courierStore, new SecretBytes(32), Random, Time);
        _courier = new CourierRole(Document, _envelopes, _copies);
        NodeKeys gateway = s_plan.Nodes.First(node => node.Role == NodeRole.Gateway);
        EpochSecret secret = gateway.Keys.Single(key => key.Epoch == Document.EpochAt(Time.GetUtcNow()));
        _gateway = new HopKey(gateway.Id, secret.Epoch, new SecretBytes(secret.PrivateKey.Span), secret.PublicKey);
    }

    public static NetworkDocument Document => s_plan.Document;

    public static PigeonholeGeometry Geometry { get; } = new(UserPayload);

    public static NodeId CourierId => Document.Couriers[0].Id;

    public VirtualTime Time { get; } = new();

    public RandomSource Random { get; }

    public ShardMap Shards { get; }

    public FaultPlan Faults { get; } = new();

    /// <summary>How long each answer was kept before it was ready for a courier.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>How much waits for each of the courier's links.</summary>
    public int Waiting { get; set; }

    public Dictionary<NodeId, MemoryBoxStore> Stores { get; } = [];

    /// <summary>Everything between courier and replicas, in order.</summary>
    public List<Parcel> Wire { get; } = [];

    /// <summary>Packets for the gateway: replies by SURB.</summary>
    public List<byte[]> Packets { get; } = [];

    /// <summary>Replicas that do not answer: what is sent to them is lost.</summary>
    public HashSet<NodeId> Silent { get; } = [];

    public long Epoch => Document.ReplicaEpochAt(Time.GetUtcNow());

    public static Box Box(WriteCapability write, string text) => write.Seal(
        write.First, BacapContext.Pigeonhole, Geometry.PadPlaintext(System.Text.Encoding.UTF8.GetBytes(text)));

    public static NodeKeys KeysOf(NodeId id) => s_plan.Nodes.Single(node => node.Id == id);

    /// <summary>An envelope whose first and second intermediate are shards or not, as wanted.</summary>
    public Envelope Seal(ReplicaRequest request, bool firstIsShard = true, bool secondIsShard = false)
    {
        (NodeDescriptor one, NodeDescriptor two) = Shards.ShardsOf(request.Id);
        while (true)
        {
            Envelope envelope = Envelope.Seal(Geometry, Shards, request, _keyEpoch, Random);
            CourierEnvelope query = CourierEnvelope.TryParse(Geometry, envelope.Query)!;
            bool IsShard(byte index) => index == one.Index || index == two.Index;
            if (IsShard(query.FirstReplica) == firstIsShard && IsShard(query.SecondReplica) == secondIsShard)
            {
                return envelope;
            }
            envelope.Dispose();
        }
    }

    /// <summary>Asks the courier and, unless told otherwise, lets everything that follows happen.</summary>
    public CourierReply Ask(ReadOnlyMemory<byte> query, bool drain = true)
    {
        byte[] surb = Surb.Create(
            _sphinx, [new PathHop(_gateway.Node, _gateway.PublicKey, _gateway.Epoch, 1)], new RecipientId(new byte[32]),
            out SurbSecret secret);
        int before = Packets.Count;
        Handle(new Parcel(CourierId, QueueNames.CourierOut, default, new ServiceRequest(ServiceNames.Courier, surb, query)));
        // A courier that was cut off answers again through the same SURB: the gateway sees a replay and drops it.
        Assert.InRange(Packets.Count - before, 1, 2);
        Unwrapped arrived = SphinxUnwrap.Unwrap(
            _sphinx, epoch => epoch == (byte)(_gateway.Epoch & 0xff) ? _gateway : null, Packets[before]);
        Assert.Equal((UnwrapOutcome.SurbReply, secret.Id), (arrived.Outcome, arrived.SurbId));
        byte[] opened = arrived.Payload.ToArray();
        Assert.True(secret.TryOpen(opened));
        secret.Dispose();
        if (drain)
        {
            Drain();
        }
        return CourierReply.TryParse(Geometry, opened.AsMemory(SphinxGeometry.PayloadTagSize))!;
    }

    /// <summary>Both exchanges of a request.</summary>
    public ReplicaAnswer Exchange(ReplicaRequest request, bool firstIsShard = true, bool secondIsShard = false)
    {
        using Envelope envelope = Seal(request, firstIsShard, secondIsShard);
        Assert.False(Ask(envelope.Query).IsPayload);
        CourierReply reply = Ask(envelope.Query);
        Assert.True(reply.IsPayload);
        return envelope.TryOpen(reply)!;
    }

    /// <summary>What both intermediates said of an envelope.</summary>
    public ReplicaAnswer[] Answers(Envelope envelope) => [.. Wire
        .Where(parcel => parcel.Queue == QueueNames.CourierReplies)
        .Select(parcel => CourierInbound.TryParse(Geometry, parcel.Message)!)
        .Where(inbound => inbound.Hash == envelope.Hash)
        .Select(inbound => envelope.TryOpen(new CourierReply(inbound.Hash, inbound.Index, inbound.SealedAnswer, EnvelopeError.None))!)];

    public void Drain()
    {
        while (_waiting.TryDequeue(out Parcel? parcel))
        {
            Handle(parcel);
        }
    }

    public void Enqueue(NodeId to, string queue, ReadOnlyMemory<byte> message) => _waiting.Enqueue(new Parcel(to, queue, message));

    public StoredValue? Stored(NodeId replica, BoxId id) => Get(Stores[replica], new StoreKey(ReplicaRole.Shelf, Epoch, id.ToString()));

    static StoredValue? Get(MemoryBoxStore store, StoreKey key) => store.GetAsync(key, default).AsTask().GetAwaiter().GetResult();

    /// <summary>Delivers until it is done: a process that died comes back and gets the message again.</summary>
    void Handle(Parcel parcel)
    {
        for (int attempt = 0; attempt < 5; attempt++)
        {
            try
            {
                RunAsync(parcel).GetAwaiter().GetResult();
                return;
            }
            catch (Exception e) when (e is CrashException or PortUnavailableException)
            {
                Faults.Restart();
            }
        }
        Assert.Fail("Not done after five deliveries.");
    }

    async Task RunAsync(Parcel parcel)
    {
        Delivery delivery = new(parcel.Queue, "id", "receipt", parcel.Message, 1);
        Work work = parcel.Request is { } request ? await _courier.HandleAsync(request, default)
            : parcel.Queue == QueueNames.CourierReplies ? await _envelopes.ReceiveAnswerAsync(delivery, default)
            : await _replicas[parcel.To].HandleAsync(delivery, default);
        await _runners[parcel.To].RunAsync(work, default);
    }

    async ValueTask SendAsync(NodeId to, string queue, ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        await Faults.RunAsync(() =>
        {
            if (to == _gateway.Node)
            {
                Packets.Add(message.ToArray());
            }
            else
            {
                Parcel parcel = new(to, queue, message.ToArray());
                Wire.Add(parcel);
                if (!Silent.Contains(to))
                {
                    _waiting.Enqueue(parcel);
                }
            }
            return ValueTask.FromResult(true);
        });

    public void Dispose()
    {
        _gateway.Dispose();
        _copies.Dispose();
        _keyrings.ForEach(keyring => keyring.Dispose());
    }
}
