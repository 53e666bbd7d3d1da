using Funion.Bacap;
using Funion.Client;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Tests.Client;

/// <summary>Couriers, replicas and compute in one place, without delay: acknowledges an envelope once, then answers it; runs a job by echoing its input.</summary>
sealed class StandInServices
{
    readonly LocalNetworkPlan _plan;
    readonly TimeProvider _time;
    readonly PeelingGateway _gateway;
    readonly PigeonholeGeometry _geometry;

    public StandInServices(Stage stage)
    {
        _plan = stage.Plan;
        _time = stage.Time;
        _gateway = stage.Gateway;
        _geometry = new PigeonholeGeometry(_plan.Document.Geometry.UserPayload);
        stage.Gateway.Service = Answer;
    }

    /// <summary>What is stored, and from when on it is there.</summary>
    public Dictionary<BoxId, (Box Box, DateTimeOffset From)> Boxes { get; } = [];

    public List<Job> Jobs { get; } = [];

    /// <summary>Every exchange with a courier, as the courier sees it.</summary>
    public List<(NodeId Courier, EnvelopeHash Envelope, bool Acknowledged)> Exchanges { get; } = [];

    /// <summary>Changes what a replica gives.</summary>
    public Func<Box, Box> Gives { get; set; } = box => box;

    /// <summary>Whether the replica that is asked has a box that is stored.</summary>
    public Func<BoxId, bool> Has { get; set; } = _ => true;

    /// <summary>What a replica says to a write instead of taking it.</summary>
    public Func<Box, ReplicaError> Refuses { get; set; } = _ => ReplicaError.None;

    /// <summary>How often every envelope is acknowledged before it is answered.</summary>
    public int Acknowledgements { get; set; } = 1;

    byte[] Answer(SeenPacket packet)
    {
        byte[] reply = new byte[_gateway.Geometry.ReplyPayloadSize];
        if (packet.Recipient == ServiceNames.Compute)
        {
            reply[0] = ComputeRole.Acknowledged;
            Run(packet);
        }
        if (packet.Recipient != ServiceNames.Courier || CourierEnvelope.TryParse(_geometry, packet.Payload) is not { } envelope)
        {
            return reply;
        }
        EnvelopeHash hash = envelope.Hash();
        bool acknowledge = Exchanges.Count(exchange => exchange.Envelope == hash) < Acknowledgements;
        Exchanges.Add((packet.Service, hash, acknowledge));
        return new CourierReply(hash, 0, acknowledge ? default : Ask(envelope), EnvelopeError.None).ToBytes(reply.Length);
    }

    byte[] Ask(CourierEnvelope envelope)
    {
        EpochSecret key = _plan.Nodes.Single(node => node.Role == NodeRole.Replica && node.Index == envelope.FirstReplica).Keys
            .Single(key => key.Epoch == envelope.ReplicaEpoch);
        byte[] inner = new byte[_geometry.InnerSize], answer = new byte[_geometry.SealedReplySize];
        Assert.True(Mkem.Open(key.PrivateKey.Span, envelope.EphemeralKey.Span, envelope.FirstDek.Span, envelope.Ciphertext.Span, inner));
        ReplicaRequest request = ReplicaRequest.TryParse(inner) ?? throw new InvalidOperationException("Not a request.");
        Assert.True(Mkem.SealReply(key.PrivateKey.Span, envelope.EphemeralKey.Span, Handle(request).ToBytes(_geometry), answer));
        return answer;
    }

    ReplicaAnswer Handle(ReplicaRequest request)
    {
        bool there = Boxes.TryGetValue(request.Id, out (Box Box, DateTimeOffset From) stored) && stored.From <= _time.GetUtcNow() && Has(request.Id);
        if (request.Write is not { } box)
        {
            return !there ? new ReplicaAnswer(false, ReplicaError.BoxIdNotFound, null)
                : new ReplicaAnswer(false, stored.Box.IsTombstone ? ReplicaError.Tombstone : ReplicaError.None, Gives(stored.Box));
        }
        if (Refuses(box) is not ReplicaError.None and var refusal)
        {
            return new ReplicaAnswer(true, refusal, null);
        }
        if (there && !box.IsTombstone && !stored.Box.Ciphertext.Span.SequenceEqual(box.Ciphertext.Span))
        {
            return new ReplicaAnswer(true, ReplicaError.BoxAlreadyExists, null);
        }
        Boxes[box.Id] = (new Box(box.Id, box.Ciphertext.ToArray(), box.Signature.ToArray()), _time.GetUtcNow());
        return new ReplicaAnswer(true, ReplicaError.None, null);
    }

    void Run(SeenPacket packet)
    {
        NodeKeys compute = _plan.Nodes.Single(node => node.Id == packet.Service);
        long epoch = _plan.Document.EpochAt(_time.GetUtcNow());
        EpochSecret key = compute.JobKeys.Single(key => key.Epoch == epoch);
        Job job = Job.TryOpen(compute.Id, epoch, key.PrivateKey, key.PublicKey, packet.Payload) ?? throw new InvalidOperationException("Not a job.");
        if (Jobs.Any(known => known.Nonce.Span.SequenceEqual(job.Nonce.Span)))
        {
            return;
        }
        Jobs.Add(job);
        byte[] input = FixedStream.Join(Open(job.Input, job.InputBoxes), _geometry) ?? throw new InvalidOperationException("Not an input.");
        byte[] output = InferenceAnswer.Result(TensorCodec.TryParse(input)!);
        DateTimeOffset release = new BucketGrid(job.Bucket).NextBoundary(_time.GetUtcNow()) + job.Bucket;
        foreach (Box box in FixedStream.Seal(job.Output, output, job.OutputBoxes, _geometry))
        {
            Boxes[box.Id] = (box, release + TimeSpan.FromSeconds(8));
        }
    }

    ReadOnlyMemory<byte>[] Open(ReadCapability read, int count)
    {
        ReadOnlyMemory<byte>[] data = new ReadOnlyMemory<byte>[count];
        MessageBoxIndex? index = read.First;
        for (int i = 0; i < count; i++)
        {
            Box box = Boxes[read.BoxIdAt(index!, BacapContext.Pigeonhole)].Box;
            byte[] padded = new byte[box.Ciphertext.Length - Box.Overhead];
            Assert.Equal(OpenOutcome.Opened, read.Open(index!, BacapContext.Pigeonhole, box, padded));
            data[i] = PigeonholeGeometry.Unpad(padded)!.Value;
            index!.TryNext(out index);
        }
        return data;
    }
}
