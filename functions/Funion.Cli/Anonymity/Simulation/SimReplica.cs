using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// A replica after <see cref="ReplicaRole"/>: as an intermediate it answers for its own boxes and asks a shard for others; a shard that does not have a box asks
/// the other; one that takes a write hands it to the other.
/// </summary>
sealed class SimReplica
{
    readonly World _world;
    readonly int _self, _index;

    public SimReplica(World world, NodeDescriptor node)
    {
        _world = world;
        _self = world.IndexOf(node.Id);
        _index = node.Index;
        world.Links.Receive(_self, Handle);
    }

    /// <summary>Its place in the recorder.</summary>
    public int Place => _self;

    void Handle(int from, LinkMessage message)
    {
        switch (message.Kind)
        {
            case ReplicaCommandKind.Envelope:
                OnEnvelope(message with { Courier = from });
                break;
            case ReplicaCommandKind.Proxied:
                SimEnvelope asked = message.Envelope!;
                ReplicaError said = asked.Act == BoxAct.Read ? Read(asked.Box) : Write(asked.Box, asked.Act == BoxAct.Delete, copy: true);
                _world.Links.Answer(_self, from, message with { Kind = ReplicaCommandKind.ProxyAnswer, Answer = said });
                break;
            case ReplicaCommandKind.ProxyAnswer:
                OnProxyAnswer(from, message);
                break;
            default:
                Write(message.Box!, message.Tombstone, copy: false);
                break;
        }
    }

    void OnEnvelope(LinkMessage message)
    {
        SimBox box = message.Envelope!.Box;
        if (!box.IsShard(_index))
        {
            Ask(message, _world.Random.Below(2) == 0 ? box.First : box.Second, isLast: false);
            return;
        }
        if (message.Envelope.Act != BoxAct.Read)
        {
            ToCourier(message, Write(box, message.Envelope.Act == BoxAct.Delete, copy: true), askedTwice: false);
            return;
        }
        ReplicaError answer = Read(box);
        if (answer == ReplicaError.BoxIdNotFound)
        {
            Ask(message, box.Other(_index), isLast: true);
        }
        else
        {
            ToCourier(message, answer, askedTwice: false);
        }
    }

    void OnProxyAnswer(int from, LinkMessage message)
    {
        SimEnvelope envelope = message.Envelope!;
        if (envelope.Act == BoxAct.Read && !message.IsLast && message.Answer == ReplicaError.BoxIdNotFound)
        {
            Ask(message, envelope.Box.Other(_world.Nodes[from].Index), isLast: true);
            return;
        }
        ToCourier(message, message.Answer, message.IsLast);
        if (envelope.Act == BoxAct.Read && message.IsLast && message.Answer is ReplicaError.None or ReplicaError.Tombstone)
        {
            // The shard that was asked first lacks it: it gets it.
            int missed = envelope.Box.Other(_world.Nodes[from].Index);
            bool tombstone = message.Answer == ReplicaError.Tombstone;
            if (missed == _index)
            {
                Write(envelope.Box, tombstone, copy: false);
            }
            else
            {
                Copy(envelope.Box, missed, tombstone);
            }
        }
    }

    ReplicaError Read(SimBox box)
    {
        ReplicaError held = box.Read(_index, _world.Events.Seconds);
        // A box that is not in this epoch's shelf is looked for in the last one's.
        for (int i = held == ReplicaError.BoxIdNotFound ? 2 : 1; i > 0; i--)
        {
            _world.Recorder.Store(_self, StoreOperation.Get);
        }
        return held;
    }

    ReplicaError Write(SimBox box, bool tombstone, bool copy)
    {
        _world.Recorder.Store(_self, StoreOperation.Get);
        _world.Recorder.Store(_self, StoreOperation.Put);
        box.Store(_index, tombstone, _world.Events.Seconds);
        if (copy)
        {
            Copy(box, box.Other(_index), tombstone);
        }
        return ReplicaError.None;
    }

    void Copy(SimBox box, int other, bool tombstone) => _world.Links.Say(
        _self, _world.Replicas[other].Place, new LinkMessage(ReplicaCommandKind.Replicate, Box: box, Tombstone: tombstone));

    void Ask(LinkMessage original, int shard, bool isLast) =>
        _world.Links.Say(_self, _world.Replicas[shard].Place, original with { Kind = ReplicaCommandKind.Proxied, IsLast = isLast });

    /// <summary>What one shard knew waits as long as asking the other would have taken.</summary>
    void ToCourier(LinkMessage original, ReplicaError answer, bool askedTwice)
    {
        void Say() => _world.Links.Answer(_self, original.Courier, original with { Kind = ReplicaCommandKind.ProxyAnswer, Answer = answer });
        if (askedTwice || !_world.Protections.EvenAnswers)
        {
            Say();
        }
        else
        {
            _world.Events.In(PacedLinks.RoundTrip(_world.Document, _world.Random), Say);
        }
    }
}
