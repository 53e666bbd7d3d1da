using Funion.Client;
using Funion.Mixing;
using Funion.Sphinx;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// A constant-rate sender after <see cref="MixnetClient"/>: the same three clocks, the same queue of requests, the same paths and decoys, the same patience; what
/// is left out is the packet itself.
/// </summary>
sealed class SimClient
{
    readonly World _world;
    readonly int _number;
    readonly PathSelection _paths;
    readonly DecoyDestinations _decoys;
    readonly PoissonClock _slots, _loops, _polls;
    readonly TimeSpan _slop, _burst;
    readonly RequestQueue _requests = new();
    readonly Dictionary<PendingRequest, object> _messages = [];
    readonly Dictionary<PendingRequest, object?> _replies = [];

    public SimClient(World world, int index, int number, SenderRates rates)
    {
        _world = world;
        Index = index;
        _number = number;
        _paths = new PathSelection(world.Document, world.Document.Gateways[0], world.Random);
        _decoys = new DecoyDestinations(world.Document);
        DateTimeOffset now = world.Events.Now;
        _slots = new PoissonClock(rates.Slots, now, world.Random);
        _loops = new PoissonClock(rates.Loops, now, world.Random);
        _polls = new PoissonClock(rates.Polls, now, world.Random);
        _burst = 16 * rates.Polls;
        _slop = TimeSpan.FromSeconds(5) + (4 * rates.Polls) + (4 * world.Document.Rates.MeanDelay);
        Keep(_slots, Slot);
        Keep(_loops, () => Cover());
        Keep(_polls, Poll);
    }

    /// <summary>By which the recorder knows it.</summary>
    public int Index { get; }

    /// <summary>Replies that wait at the gateway, oldest first.</summary>
    public Queue<NullPacket> Mailbox { get; } = [];

    /// <summary>Loops sent, come back whole, lost, come back changed, come back late; requests answered, and sent again.</summary>
    public (long Sent, long Returned, long Lost, long Damaged, long Late, long Answered, long Resends) Loops { get; private set; }

    /// <summary>Whether it is there at all; the product is always on.</summary>
    public bool Online { get; set; } = true;

    /// <summary>Whether to watch every loop for its end, which costs an event each.</summary>
    public bool CountsLost { get; set; }

    /// <summary>Told of each slot as its packet has gone, real or decoy: which packet a challenge is about.</summary>
    public Action? Slotted { get; set; }

    /// <summary>Asks a service, as <see cref="MixnetClient.RequestAsync"/> does: waits for a slot, resends until an answer comes.</summary>
    public async Task<object?> RequestAsync(ServiceAddress service, object message, bool first = false)
    {
        PendingRequest request = new(service, default, first, TaskCreationOptions.None);
        _messages[request] = message;
        if (_world.Protections.Cover > 0)
        {
            _requests.Enqueue(request);
        }
        else
        {
            // Nothing to hide in: what is there to say is said at once.
            Send(request);
        }
        await request.Answer.Task;
        _messages.Remove(request);
        _replies.Remove(request, out object? reply);
        return reply;
    }

    void Keep(PoissonClock clock, Action act)
    {
        void Arm() => _world.Events.At(clock.Next, () =>
        {
            if (clock.TryTake(_world.Events.Now) && Online)
            {
                act();
            }
            Arm();
        });
        Arm();
    }

    void Slot()
    {
        (PendingRequest? request, int overdue) = _requests.Take(_world.Events.Now);
        Loops = Loops with { Resends = Loops.Resends + overdue };
        if (request is not null)
        {
            Send(request);
        }
        else
        {
            Cover();
        }
        Slotted?.Invoke();
    }

    void Cover()
    {
        double cover = _world.Protections.Cover;
        if (cover >= 1 || (cover > 0 && _world.Random.NextDouble() < cover))
        {
            Send(null);
        }
    }

    void Send(PendingRequest? request)
    {
        DateTimeOffset now = _world.Events.Now;
        long epoch = _world.Document.Epoch;
        ServiceAddress service = request?.Service ?? _decoys.Draw(_world.Random);
        PathHop[] forward = _paths.Forward(service.Node, epoch), back = _paths.Back(epoch);
        if (request is null && !_world.Protections.DecoysTravel)
        {
            // The control: a decoy that the gateway takes and drops.
            _world.Recorder.Wire(Index, _world.Gateway, _world.PacketSize);
            return;
        }
        DateTimeOffset patience = now + PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + _slop;
        bool ended = false, expired = false;
        NullPacket packet = new(forward, back, request is null ? null : _messages[request], reply =>
        {
            ended = true;
            if (!expired)
            {
                Receive(request, reply, patience);
            }
        }) { Mailbox = _number };
        if (request is not null)
        {
            _requests.Sent(request, patience);
        }
        else
        {
            Loops = Loops with { Sent = Loops.Sent + 1 };
            if (CountsLost)
            {
                // Its reply block expires, and what comes after that is a stranger's.
                _world.Events.At(patience + _world.Document.Slack, () =>
                {
                    expired = true;
                    Loops = Loops with { Lost = Loops.Lost + (ended ? 0 : 1) };
                });
            }
        }
        _world.Send(Index, _world.Gateway, packet);
    }

    void Poll()
    {
        // The answer has one size whatever is in it.
        int most = _world.Document.Mailbox.PacketsPerPoll;
        _world.Recorder.Wire(_world.Gateway, Index, most * _world.PacketSize);
        for (int i = 0; i < most && Mailbox.TryDequeue(out NullPacket? packet); i++)
        {
            _world.Recorder.Store(_world.Gateway, StoreOperation.Get);
            packet.Return();
        }
    }

    void Receive(PendingRequest? request, NullPacket packet, DateTimeOffset patience)
    {
        if (packet.Tagged)
        {
            // MixnetClient.Receive: the reply block is used up, the reply does not open; counted as damaged and, since it came, not as lost.
            Loops = Loops with { Damaged = Loops.Damaged + (request is null ? 1 : 0) };
        }
        else if (request is null)
        {
            Loops = Loops with { Returned = Loops.Returned + 1, Late = Loops.Late + (_world.Events.Now > patience + _burst ? 1 : 0) };
        }
        else if (!request.IsDone)
        {
            Loops = Loops with { Answered = Loops.Answered + 1 };
            _replies[request] = packet.Reply;
            request.Answer.TrySetResult(default);
        }
    }
}
