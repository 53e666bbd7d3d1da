using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// A courier after <see cref="CourierRole"/> and <see cref="CourierEnvelopes"/>: passes an envelope to its two intermediates, acknowledges, and gives the answer
/// to whoever asks again. What it does on its storage for that is recorded; loops are answered without.
/// </summary>
sealed class SimCourier
{
    readonly World _world;
    readonly int _self;

    public SimCourier(World world, NodeDescriptor node)
    {
        _world = world;
        _self = world.IndexOf(node.Id);
        world.Serve(node, Handle);
        world.Links.Receive(_self, (_, answer) => Take(answer));
    }

    /// <summary>Its place in the recorder.</summary>
    public int Place => _self;

    /// <summary>What the packet's service hop hands over; the answer is true when it carries a payload.</summary>
    object? Handle(NullPacket packet)
    {
        SimEnvelope envelope = (SimEnvelope)packet.Request!;
        envelope.Asked.Add(_world.Events.Seconds);
        envelope.Box.Entered.Add(packet.Entered);
        bool answered = envelope.Answers[0] is not null || envelope.Answers[1] is not null;
        // This window and the last, for the answer that is wanted and for the other.
        Record(StoreOperation.Get, envelope.Answers[0] is not null ? 1 : answered ? 3 : 4);
        if (answered)
        {
            return true;
        }
        int first = _world.Replicas[envelope.First].Place, second = _world.Replicas[envelope.Second].Place;
        bool full = _world.Links.Waiting(_self, first) >= _world.Links.MostWaiting || _world.Links.Waiting(_self, second) >= _world.Links.MostWaiting;
        DateTimeOffset now = _world.Events.Now;
        Record(StoreOperation.Get, 2);
        if (!full && envelope.Dispatches < CourierEnvelopes.MostDispatches
            && (envelope.Dispatches == 0 || now - envelope.Dispatched > CourierEnvelopes.Silence))
        {
            Record(StoreOperation.Put, 2);
            envelope.Dispatches++;
            envelope.Dispatched = now;
            _world.Links.Say(_self, first, new LinkMessage(Pigeonhole.ReplicaCommandKind.Envelope, envelope, 0));
            _world.Links.Say(_self, second, new LinkMessage(Pigeonhole.ReplicaCommandKind.Envelope, envelope, 1));
        }
        return false;
    }

    void Take(LinkMessage answer)
    {
        Record(StoreOperation.Get, 1);
        Record(StoreOperation.Put, 1);
        SimEnvelope envelope = answer.Envelope!;
        if (envelope.Answers[answer.Index] is null)
        {
            envelope.Answers[answer.Index] = answer.Answer;
            envelope.Answered[answer.Index] = _world.Events.Seconds;
        }
    }

    void Record(StoreOperation operation, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _world.Recorder.Store(_self, operation);
        }
    }
}
