using System.Collections.Immutable;
using Funion.Cli.LocalNetwork;
using Funion.Contracts;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Tests.Faults;

/// <summary>One node goes back to a moment and takes the message again, over ports that fail as planned; when it dies it begins again.</summary>
sealed class NodeReplay
{
    const int MostLives = 12, MostSteps = 3_000;

    static readonly TimeSpan s_longest = TimeSpan.FromMinutes(20);

    readonly FaultTraffic _traffic;
    readonly Moment _moment;
    readonly VirtualTime _time = new();
    readonly RewindableStore _store;
    readonly RewindableQueue _queue;
    readonly HashSet<string> _sent = [];
    readonly string[] _worked;
    int _copies;
    long _dropped;

    public NodeReplay(FaultTraffic traffic, Moment moment, byte[]? message = null)
    {
        _traffic = traffic;
        _moment = moment;
        _time.AdvanceTo(moment.At);
        _store = new RewindableStore { State = moment.Store };
        _queue = new RewindableQueue(_time)
        {
            Diverts = IsNextStep,
            // Of what waits for slots only a slot's own work depends.
            State = moment.Queue == QueueNames.Slots
                ? moment.Queues.Where(queue => QueueNames.WaitsForSlot(queue.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal)
                : ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage>>(StringComparer.Ordinal),
        };
        _worked = [QueueNames.Slots, .. Queues(moment.Role)];
        Put(message ?? moment.Message);
    }

    public FaultPlan Plan { get; } = new();

    public VirtualTime Time => _time;

    /// <summary>The same message again, under an id of its own.</summary>
    public void Put(byte[] message)
    {
        ValueTask put = _queue.EnqueueAsync(_moment.Queue, message, TimeSpan.Zero, default);
        Assert.True(put.IsCompletedSuccessfully);
    }

    /// <summary>Lives until nothing is left to do, or nothing more happens.</summary>
    public NodeOutcome Run()
    {
        for (int life = 0; life < MostLives; life++)
        {
            try
            {
                if (Live())
                {
                    break;
                }
            }
            catch (CrashException)
            {
                Plan.Restart();
            }
        }
        return new NodeOutcome([.. Plan.Names], new HashSet<string>([.. _sent, .. Waiting()]), _copies, new HashSet<string>(Stored()), _dropped, Left());
    }

    /// <summary>Another instance of the node takes over while the first hangs, and works everything off.</summary>
    public ValueTask TakeOverAsync(TimeSpan after)
    {
        _time.Advance(after);
        Live(new FaultPlan());
        return ValueTask.CompletedTask;
    }

    bool Live() => Live(Plan);

    bool Live(FaultPlan plan)
    {
        NodeKeys keys = _traffic.Network.Keys.Single(node => _traffic.Network.Document.Node(node.Id)!.Name == _moment.Node);
        FaultyBoxStore store = new(_store, plan);
        FaultyPacketQueue queue = new(_queue, plan);
        Simulation.SeededRandom random = new(1);
        NodeContext context = new(_traffic.Network.Document, (to, at, message, _) => SendAsync(plan, to, at, message), random, _time, _ => random);
        using ComputeParts? compute = _moment.Role == NodeRole.Compute
            ? new ComputeParts(
                _traffic.Network.Document, keys, store, new NoGateway(), (_, _, _) => throw new InvalidOperationException("Nothing is run here."), dummies: false,
                random, _time)
            : null;
        using LocalNode node = LocalNode.Create(
            new LocalNodeContext(context, new LinkCounters()), keys, new LocalPorts(store, queue, TimeSpan.Zero), compute is null ? null : compute.Accept);
        DateTimeOffset end = _moment.At + s_longest;
        try
        {
            for (int step = 0; step < MostSteps && Left() > 0; step++)
            {
                DateTimeOffset next = Step(node.Pump), slot = Step(node.SlotPump);
                next = slot < next ? slot : next;
                if (Left() == 0 || next > end)
                {
                    break;
                }
                if (next > _time.GetUtcNow())
                {
                    _time.AdvanceTo(next);
                }
            }
        }
        finally
        {
            _dropped += node.Counters.Late + node.Counters.Refused + node.Counters.Poison + node.Counters.Replayed;
        }
        return true;
    }

    static DateTimeOffset Step(NodePump pump)
    {
        Task<DateTimeOffset> step = pump.StepAsync(default).AsTask();
        Assert.True(step.IsCompleted);
        return step.GetAwaiter().GetResult();
    }

    async ValueTask SendAsync(FaultPlan plan, NodeId to, string queue, ReadOnlyMemory<byte> message) => await plan.RunAsync(
        () =>
        {
            _copies++;
            _sent.Add(Name(queue, message, _traffic.Network.Document.Node(to)!));
            return new ValueTask<bool>(true);
        }, $"send {queue}");

    /// <summary>A copy's next step is the next message, and not this one's work.</summary>
    bool IsNextStep(string queue, ReadOnlyMemory<byte> message) =>
        queue == QueueNames.Copies && !message.Span.SequenceEqual(_moment.Message) && (_sent.Add("step " + Convert.ToHexString(message.Span)) || true);

    int Left() => _worked.Sum(queue => _queue.Messages(queue).Count());

    static IEnumerable<string> Queues(NodeRole role) => role switch
    {
        NodeRole.Replica => [QueueNames.ReplicaIn],
        NodeRole.Courier => [QueueNames.CourierIn, QueueNames.CourierOut, QueueNames.CourierReplies, QueueNames.Copies],
        _ => [QueueNames.In(role), QueueNames.Out(role)],
    };

    IEnumerable<string> Waiting() => _queue.State.Keys.Where(QueueNames.WaitsForSlot)
        .SelectMany(queue => _queue.Messages(queue).Select(message => Name(queue, message, null)));

    IEnumerable<string> Stored()
    {
        foreach (((string shelf, _), ImmutableSortedDictionary<string, StoredValue> values) in _store.State)
        {
            foreach (string name in values.Keys)
            {
                // A reply keeps its name however late it is put into its mailbox; a loop's is drawn.
                yield return shelf switch
                {
                    GatewayRole.MailboxShelf => $"{shelf}/{name[^(2 * SurbId.Size)..]}",
                    LoopRole.Shelf when _moment.Queue == QueueNames.Slots => shelf,
                    // A courier's own envelopes are sealed anew whenever it asks again.
                    CourierEnvelopes.Shelf when _moment.Queue == QueueNames.Copies => $"{shelf}/{name[^2..]}",
                    _ => $"{shelf}/{name}",
                };
            }
        }
    }

    /// <summary>What a message is to whoever gets it: equal for two that are taken for one.</summary>
    string Name(string queue, ReadOnlyMemory<byte> message, NodeDescriptor? to)
    {
        PigeonholeGeometry geometry = new(_traffic.Network.Document.Geometry.UserPayload);
        if (message.Length == geometry.CommandSize)
        {
            bool toCourier = queue == QueueNames.CourierReplies || queue.StartsWith("answers-courier", StringComparison.Ordinal);
            return toCourier
                ? CourierInbound.TryParse(geometry, message) is { } inbound ? $"answer {inbound.Hash}/{inbound.Index}/{inbound.Accept}" : "decoy"
                : ReplicaCommand.TryParse(geometry, message) switch
                {
                    null or { Kind: ReplicaCommandKind.Decoy or ReplicaCommandKind.DecoyReply } => "decoy",
                    { } command => _moment.Queue == QueueNames.Copies ? $"{command.Kind}" : $"{command.Kind} {command.Tag}/{command.Index}",
                };
        }
        // A node's own loop is drawn anew; any other packet is known by its header.
        return _moment.Queue == QueueNames.Slots ? "loop" : $"{to?.Role} {Convert.ToHexString(message.Span[..66])}";
    }
}
