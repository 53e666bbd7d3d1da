using System.Buffers.Binary;
using Funion.Bacap;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Tests.Roles;

public sealed class CourierRoleTests : IDisposable
{
    // type 1 ‖ intermediates 2 ‖ DEK 60 ×2, then the reply index, then the epoch.
    const int ReplyIndexAt = 123, EpochAt = 124;

    readonly ReplicaStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void The_first_exchange_is_acknowledged_and_the_second_answered()
    {
        using Envelope envelope = Read();
        CourierReply first = _stage.Ask(envelope.Query), second = _stage.Ask(envelope.Query);
        Assert.Equal((envelope.Hash, EnvelopeError.None, false), (first.Hash, first.Error, first.IsPayload));
        Assert.Equal((envelope.Hash, EnvelopeError.None, true), (second.Hash, second.Error, second.IsPayload));
        Assert.Equal(ReplicaError.BoxIdNotFound, envelope.TryOpen(second)!.Error);
    }

    [Fact]
    public void An_envelope_sent_again_is_one_operation()
    {
        using Envelope envelope = Read();
        _stage.Ask(envelope.Query, drain: false);
        _stage.Ask(envelope.Query, drain: false);
        _stage.Drain();
        _stage.Ask(envelope.Query);
        Assert.Equal(2, Dispatched());
        Assert.Equal(2, Seen(ReplicaCommandKind.Envelope).Select(parcel => parcel.To).Distinct().Count());
    }

    [Fact]
    public void The_other_intermediates_answer_will_do()
    {
        using Envelope envelope = Read();
        CourierEnvelope query = CourierEnvelope.TryParse(ReplicaStage.Geometry, envelope.Query)!;
        _stage.Silent.Add(ReplicaStage.Document.Replicas[query.FirstReplica].Id);
        _stage.Ask(envelope.Query);
        CourierReply reply = _stage.Ask(envelope.Query);
        Assert.Equal((true, (byte)1), (reply.IsPayload, reply.ReplyIndex));
        Assert.NotNull(envelope.TryOpen(reply));
        byte[] wantsSecond = envelope.Query.ToArray();
        wantsSecond[ReplyIndexAt] = 1;
        Assert.Equal(1, _stage.Ask(wantsSecond).ReplyIndex);
    }

    [Fact]
    public void A_silent_envelope_is_passed_on_again_and_not_for_ever()
    {
        using Envelope envelope = Read();
        _stage.Silent.UnionWith(ReplicaStage.Document.Replicas.Select(replica => replica.Id));
        for (int i = 1; i <= CourierEnvelopes.MostDispatches + 2; i++)
        {
            Assert.Equal(EnvelopeError.None, _stage.Ask(envelope.Query).Error);
            Assert.Equal(2 * Math.Min(i, CourierEnvelopes.MostDispatches), Dispatched());
            _stage.Time.Advance(CourierEnvelopes.Silence - TimeSpan.FromSeconds(1));
            _stage.Ask(envelope.Query);
            Assert.Equal(2 * Math.Min(i, CourierEnvelopes.MostDispatches), Dispatched());
            _stage.Time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public void An_envelope_for_a_link_that_has_enough_to_carry_is_acknowledged_and_passed_on_later()
    {
        using Envelope envelope = Read();
        _stage.Waiting = 1_000;
        Assert.Equal(EnvelopeError.None, _stage.Ask(envelope.Query).Error);
        Assert.Equal(0, Dispatched());
        _stage.Waiting = 0;
        Assert.Equal(EnvelopeError.None, _stage.Ask(envelope.Query).Error);
        Assert.Equal(2, Dispatched());
    }

    [Fact]
    public void An_envelope_is_remembered_over_a_windows_end_and_forgotten_after_the_next()
    {
        using Envelope envelope = Read();
        _stage.Time.Advance(TimeSpan.FromSeconds(299));
        _stage.Ask(envelope.Query);
        _stage.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(_stage.Ask(envelope.Query).IsPayload);
        _stage.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_stage.Ask(envelope.Query).IsPayload);
        Assert.Equal(4, Dispatched());
    }

    [Fact]
    public void Only_the_first_answer_of_an_intermediate_counts_and_only_for_an_envelope_that_was_passed_on()
    {
        using Envelope envelope = Read();
        byte[] made = new CourierInbound(envelope.Hash, 0, new byte[ReplicaStage.Geometry.SealedReplySize]).ToBytes(ReplicaStage.Geometry);
        _stage.Enqueue(ReplicaStage.CourierId, QueueNames.CourierReplies, made);
        _stage.Drain();
        Assert.Equal(0, _stage.Stores[ReplicaStage.CourierId].Count);
        _stage.Ask(envelope.Query);
        _stage.Enqueue(ReplicaStage.CourierId, QueueNames.CourierReplies, made);
        _stage.Drain();
        Assert.NotNull(envelope.TryOpen(_stage.Ask(envelope.Query)));
    }

    [Theory]
    [InlineData(-1, EnvelopeError.None)]
    [InlineData(0, EnvelopeError.None)]
    [InlineData(1, EnvelopeError.None)]
    [InlineData(-2, EnvelopeError.InvalidEpoch)]
    [InlineData(2, EnvelopeError.InvalidEpoch)]
    public void Envelopes_of_this_replica_epoch_and_its_neighbours_are_taken(long offset, EnvelopeError expected)
    {
        using Envelope envelope = Read();
        Assert.Equal(expected, _stage.Ask(WithEpoch(envelope, _stage.Epoch + offset), drain: false).Error);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue + 1)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void No_epoch_that_a_client_can_write_stops_a_courier(long epoch)
    {
        using Envelope envelope = Read();
        Assert.Equal(EnvelopeError.InvalidEpoch, _stage.Ask(WithEpoch(envelope, epoch)).Error);
        Assert.Equal(0, Dispatched());
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 255)]
    [InlineData(ReplyIndexAt, 2)]
    [InlineData(1, 8)]
    [InlineData(1, 255)]
    public void What_is_not_an_envelope_is_refused_and_still_answered(int at, byte value)
    {
        using Envelope envelope = Read();
        byte[] query = envelope.Query.ToArray();
        query[at] = value;
        Assert.Equal(EnvelopeError.InvalidEnvelope, _stage.Ask(query).Error);
        query = envelope.Query.ToArray();
        query[2] = query[1];
        Assert.Equal(EnvelopeError.InvalidEnvelope, _stage.Ask(query).Error);
        Assert.Equal(EnvelopeError.InvalidEnvelope, _stage.Ask(envelope.Query[..^1]).Error);
        Assert.Equal(0, Dispatched());
    }

    [Fact]
    public void A_courier_sees_the_same_of_a_read_a_write_a_tombstone_and_a_failure()
    {
        WriteCapability write = WriteCapability.Create();
        Box box = ReplicaStage.Box(write, "a box"), tombstone = write.Tombstone(write.First, BacapContext.Pigeonhole);
        Box forged = box with { Signature = new byte[Box.SignatureSize] };
        List<(int, int, int, int)> views = [];
        foreach (ReplicaRequest request in (ReplicaRequest[])[
            ReplicaRequest.Read(box.Id), ReplicaRequest.ToStore(forged), ReplicaRequest.ToStore(box), ReplicaRequest.Read(box.Id),
            ReplicaRequest.ToStore(tombstone)])
        {
            int wire = _stage.Wire.Count, packets = _stage.Packets.Count;
            using Envelope envelope = _stage.Seal(request, firstIsShard: false);
            _stage.Ask(envelope.Query);
            _stage.Ask(envelope.Query);
            Parcel[] seen = [.. _stage.Wire.Skip(wire).Where(parcel =>
                parcel.Queue == QueueNames.CourierReplies || Is(parcel, ReplicaCommandKind.Envelope))];
            views.Add((envelope.Query.Length, seen.Length, seen.Sum(parcel => parcel.Message.Length), _stage.Packets.Count - packets));
        }
        Assert.Single(views.Distinct());
        Assert.All(_stage.Wire, parcel => Assert.Equal(ReplicaStage.Geometry.CommandSize, parcel.Message.Length));
    }

    Envelope Read()
    {
        Span<byte> id = stackalloc byte[BoxId.Size];
        _stage.Random.Fill(id);
        return _stage.Seal(ReplicaRequest.Read(new BoxId(id)), firstIsShard: false);
    }

    static byte[] WithEpoch(Envelope envelope, long epoch)
    {
        byte[] query = envelope.Query.ToArray();
        BinaryPrimitives.WriteInt64BigEndian(query.AsSpan(EpochAt), epoch);
        return query;
    }

    static bool Is(Parcel parcel, ReplicaCommandKind kind) =>
        parcel.Queue == QueueNames.ReplicaIn && ReplicaCommand.TryParse(ReplicaStage.Geometry, parcel.Message)?.Kind == kind;

    IEnumerable<Parcel> Seen(ReplicaCommandKind kind) => _stage.Wire.Where(parcel => Is(parcel, kind));

    int Dispatched() => Seen(ReplicaCommandKind.Envelope).Count();
}
