using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Tests.Roles;

public sealed class ReplicaRoleTests : IDisposable
{
    readonly ReplicaStage _stage = new();
    readonly WriteCapability _write = WriteCapability.Create();

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Whatever_the_intermediates_are_a_box_goes_to_both_shards_and_comes_back(bool first, bool second)
    {
        Box box = ReplicaStage.Box(_write, "a box");
        Assert.Equal(ReplicaError.None, _stage.Exchange(ReplicaRequest.ToStore(box), first, second).Error);
        (NodeDescriptor one, NodeDescriptor two) = _stage.Shards.ShardsOf(box.Id);
        Assert.All(ReplicaStage.Document.Replicas, replica => Assert.Equal(
            replica == one || replica == two, _stage.Stored(replica.Id, box.Id) is not null));
        using Envelope read = _stage.Seal(ReplicaRequest.Read(box.Id), first, second);
        _stage.Ask(read.Query);
        ReplicaAnswer[] answers = _stage.Answers(read);
        Assert.Equal(2, answers.Length);
        Assert.All(answers, answer => Assert.Equal(OpenOutcome.Opened, Open(answer)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_box_again_is_a_success_another_one_is_refused(bool shard)
    {
        ReplicaRequest request = ReplicaRequest.ToStore(ReplicaStage.Box(_write, "first"));
        Assert.Equal(ReplicaError.None, _stage.Exchange(request, shard).Error);
        Assert.Equal(ReplicaError.None, _stage.Exchange(request, shard).Error);
        Assert.Equal(
            (true, ReplicaError.BoxAlreadyExists),
            Outcome(_stage.Exchange(ReplicaRequest.ToStore(ReplicaStage.Box(_write, "second")), shard)));
        Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(request.Id), shard)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_one_shard_knows_waits_as_long_as_asking_both_takes(bool shard)
    {
        const int times = 100;
        for (int i = 0; i < times; i++)
        {
            ReplicaRequest store = ReplicaRequest.ToStore(ReplicaStage.Box(WriteCapability.Create(), "a box"));
            _stage.Exchange(store, shard, shard);
            _stage.Exchange(ReplicaRequest.Read(store.Id), shard, shard);
        }
        double slot = Rates.Mean(ReplicaStage.Document.Rates.LinkPerKilosecond).TotalSeconds, mean = _stage.Waits.Average(wait => wait.TotalSeconds);
        // An exponential and a uniform one, of 400 each; five standard deviations.
        Assert.Equal(4 * times, _stage.Waits.Count);
        Assert.InRange(mean, (1.5 - (5 * 1.04 / 20)) * slot, (1.5 + (5 * 1.04 / 20)) * slot);
        _stage.Waits.Clear();
        for (int i = 0; i < times; i++)
        {
            _stage.Exchange(ReplicaRequest.Read(ReplicaStage.Box(WriteCapability.Create(), "nowhere").Id), shard, shard);
        }
        // These asked the other shard.
        Assert.All(_stage.Waits, wait => Assert.Equal(TimeSpan.Zero, wait));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tombstone_replaces_and_stays(bool shard)
    {
        Box box = ReplicaStage.Box(_write, "gone");
        _stage.Exchange(ReplicaRequest.ToStore(box), shard);
        Assert.Equal(ReplicaError.None, _stage.Exchange(ReplicaRequest.ToStore(Tombstone()), shard).Error);
        ReplicaAnswer answer = _stage.Exchange(ReplicaRequest.Read(box.Id), shard);
        Assert.Equal((false, ReplicaError.Tombstone), Outcome(answer));
        Assert.Equal(OpenOutcome.Tombstone, Open(answer));
        Assert.Equal(ReplicaError.BoxAlreadyExists, _stage.Exchange(ReplicaRequest.ToStore(box), shard).Error);
        Assert.Equal(ReplicaError.None, _stage.Exchange(ReplicaRequest.ToStore(Tombstone()), shard).Error);
    }

    [Fact]
    public void Another_boxes_tombstone_deletes_nothing()
    {
        WriteCapability another = WriteCapability.Create();
        Box box = ReplicaStage.Box(_write, "stays"), other = another.Tombstone(another.First, BacapContext.Pigeonhole);
        _stage.Exchange(ReplicaRequest.ToStore(box));
        Assert.Equal(ReplicaError.InvalidSignature, _stage.Exchange(ReplicaRequest.ToStore(other with { Id = box.Id })).Error);
        Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(box.Id))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_refusal_has_its_code(bool shard)
    {
        Box box = ReplicaStage.Box(_write, "a box");
        byte[] signature = box.Signature.ToArray();
        signature[0] ^= 1;
        Assert.Equal((false, ReplicaError.BoxIdNotFound), Outcome(_stage.Exchange(ReplicaRequest.Read(box.Id), shard)));
        Refused(ReplicaError.InvalidSignature, box with { Signature = signature });
        Refused(ReplicaError.InvalidPayload, box with { Ciphertext = box.Ciphertext[1..] });
        BoxId noPoint = new(Enumerable.Repeat((byte)0xff, BoxId.Size).ToArray());
        Refused(ReplicaError.InvalidSignature, box with { Id = noPoint });
        Assert.All(_stage.Stores.Where(store => store.Key != ReplicaStage.CourierId), store => Assert.Equal(0, store.Value.Count));

        void Refused(ReplicaError error, Box wrong) =>
            Assert.Equal((true, error), Outcome(_stage.Exchange(ReplicaRequest.ToStore(wrong), shard)));
    }

    [Fact]
    public void A_full_store_says_so_and_still_deletes()
    {
        using ReplicaStage stage = new(capacity: 64);
        Box box = ReplicaStage.Box(_write, "first");
        stage.Exchange(ReplicaRequest.ToStore(box));
        Fill(stage, box.Id);
        WriteCapability more = WriteCapability.Create();
        Fill(stage, ReplicaStage.Box(more, "no room").Id);
        Assert.Equal((true, ReplicaError.StorageFull), Outcome(stage.Exchange(ReplicaRequest.ToStore(ReplicaStage.Box(more, "no room")))));
        Assert.Equal(ReplicaError.None, stage.Exchange(ReplicaRequest.ToStore(box)).Error);
        Assert.Equal(ReplicaError.None, stage.Exchange(ReplicaRequest.ToStore(Tombstone())).Error);
        Assert.Equal(ReplicaError.Tombstone, stage.Exchange(ReplicaRequest.Read(box.Id)).Error);
    }

    [Fact]
    public void A_full_store_deletes_a_box_of_the_last_epoch_too()
    {
        using ReplicaStage stage = new(capacity: 64);
        Box box = ReplicaStage.Box(_write, "older");
        stage.Exchange(ReplicaRequest.ToStore(box));
        stage.Time.Advance(TimeSpan.FromDays(7));
        Fill(stage, box.Id);
        Assert.Equal(ReplicaError.None, stage.Exchange(ReplicaRequest.ToStore(Tombstone())).Error);
        Assert.Equal(ReplicaError.Tombstone, stage.Exchange(ReplicaRequest.Read(box.Id)).Error);
    }

    [Fact]
    public void Boxes_of_the_last_epoch_are_read_refused_and_deleted_like_those_of_this()
    {
        Box box = ReplicaStage.Box(_write, "older");
        _stage.Exchange(ReplicaRequest.ToStore(box));
        _stage.Time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(box.Id))));
        Assert.Equal(ReplicaError.BoxAlreadyExists, _stage.Exchange(ReplicaRequest.ToStore(ReplicaStage.Box(_write, "newer"))).Error);
        Assert.Equal(ReplicaError.None, _stage.Exchange(ReplicaRequest.ToStore(Tombstone())).Error);
        Assert.Equal(ReplicaError.Tombstone, _stage.Exchange(ReplicaRequest.Read(box.Id)).Error);
    }

    [Fact]
    public void A_damaged_copy_is_found_and_the_other_shards_is_given()
    {
        Box box = ReplicaStage.Box(_write, "whole");
        _stage.Exchange(ReplicaRequest.ToStore(box));
        (NodeDescriptor one, NodeDescriptor two) = _stage.Shards.ShardsOf(box.Id);
        Damage(one.Id, box.Id);
        Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(box.Id), true, true)));
        Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(box.Id), false, false)));
        // Reading it has mended it.
        Assert.True(_stage.Stored(one.Id, box.Id)!.Value.Span.SequenceEqual(_stage.Stored(two.Id, box.Id)!.Value.Span));
        Damage(one.Id, box.Id);
        Damage(two.Id, box.Id);
        Assert.Equal((false, ReplicaError.DatabaseFailure), Outcome(_stage.Exchange(ReplicaRequest.Read(box.Id), true, true)));
    }

    [Fact]
    public void Writing_a_damaged_box_again_mends_it_and_writing_another_does_not()
    {
        Box box = ReplicaStage.Box(_write, "whole");
        _stage.Exchange(ReplicaRequest.ToStore(box));
        (NodeDescriptor one, NodeDescriptor two) = _stage.Shards.ShardsOf(box.Id);
        StoredValue whole = _stage.Stored(one.Id, box.Id)!;
        Damage(one.Id, box.Id);
        Assert.Equal(ReplicaError.None, _stage.Exchange(ReplicaRequest.ToStore(box)).Error);
        Assert.True(_stage.Stored(one.Id, box.Id)!.Value.Span.SequenceEqual(whole.Value.Span));
        Assert.Equal(ReplicaError.BoxAlreadyExists, _stage.Exchange(ReplicaRequest.ToStore(ReplicaStage.Box(_write, "other"))).Error);
        Assert.True(_stage.Stored(two.Id, box.Id)!.Value.Span.SequenceEqual(whole.Value.Span));
    }

    [Fact]
    public void A_reader_finds_every_byte_that_a_hostile_replica_changed()
    {
        Box box = ReplicaStage.Box(_write, "whole");
        for (int at = 0; at < box.Ciphertext.Length + Box.SignatureSize; at += 13)
        {
            byte[] ciphertext = box.Ciphertext.ToArray(), signature = box.Signature.ToArray();
            (at < ciphertext.Length ? ciphertext : signature)[at < ciphertext.Length ? at : at - ciphertext.Length] ^= 1;
            ReplicaAnswer changed = new(false, ReplicaError.None, new Box(box.Id, ciphertext, signature));
            Assert.Equal(OpenOutcome.SignatureInvalid, Open(changed));
        }
    }

    [Fact]
    public async Task A_box_that_one_shard_missed_is_found_at_the_other()
    {
        Box box = ReplicaStage.Box(_write, "once");
        (NodeDescriptor one, NodeDescriptor two) = _stage.Shards.ShardsOf(box.Id);
        _stage.Exchange(ReplicaRequest.ToStore(box));
        StoreKey key = new(ReplicaRole.Shelf, _stage.Epoch, box.Id.ToString());
        Assert.True(await _stage.Stores[one.Id].DeleteAsync(key, default));
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(OpenOutcome.Opened, Open(_stage.Exchange(ReplicaRequest.Read(box.Id), i % 2 == 0, i % 4 < 2)));
        }
        Assert.NotNull(_stage.Stored(two.Id, box.Id));
        // The first read that met it gave the shard what it had missed.
        Assert.NotNull(_stage.Stored(one.Id, box.Id));
    }

    [Fact]
    public void A_proxied_request_is_never_passed_on()
    {
        Box box = ReplicaStage.Box(_write, "a box");
        (NodeDescriptor one, NodeDescriptor two) = _stage.Shards.ShardsOf(box.Id);
        NodeDescriptor[] others = [.. ReplicaStage.Document.Replicas.Where(replica => replica != one && replica != two)];
        Assert.True(others[0].TryGetKey(_stage.Epoch, out byte[]? key));
        using MkemSealed asked = Mkem.Seal(key, key, ReplicaRequest.ToStore(box).ToBytes(ReplicaStage.Geometry));
        ReplicaCommand proxied = new(
            ReplicaCommandKind.Proxied, others[1].Id, _stage.Epoch, default, 0, asked.EphemeralPublicKey, asked.Dek1, default,
            asked.Ciphertext);
        _stage.Enqueue(others[0].Id, QueueNames.ReplicaIn, proxied.ToBytes(ReplicaStage.Geometry));
        _stage.Drain();
        ReplicaCommand back = ReplicaCommand.TryParse(ReplicaStage.Geometry, Assert.Single(_stage.Wire).Message)!;
        byte[] answer = new byte[ReplicaStage.Geometry.ReplySize];
        Assert.Equal(ReplicaCommandKind.ProxyAnswer, back.Kind);
        Assert.True(Mkem.OpenReply(asked.EphemeralPrivateKey.Span, key, back.Body.Span, answer));
        Assert.Equal((true, ReplicaError.InternalError), Outcome(ReplicaAnswer.TryParse(answer)!));
    }

    [Fact]
    public void What_is_sealed_but_not_a_request_is_answered_with_a_code()
    {
        NodeDescriptor replica = ReplicaStage.Document.Replicas[0];
        Assert.True(replica.TryGetKey(_stage.Epoch, out byte[]? key));
        byte[] nonsense = new byte[ReplicaStage.Geometry.InnerSize];
        _stage.Random.Fill(nonsense);
        using MkemSealed request = Mkem.Seal(key, key, nonsense);
        Send(request.EphemeralPublicKey, ReplicaStage.CourierId);
        CourierInbound back = CourierInbound.TryParse(ReplicaStage.Geometry, Assert.Single(_stage.Wire).Message)!;
        byte[] answer = new byte[ReplicaStage.Geometry.ReplySize];
        Assert.True(Mkem.OpenReply(request.EphemeralPrivateKey.Span, key, back.SealedAnswer.Span, answer));
        Assert.Equal(ReplicaError.InvalidPayload, ReplicaAnswer.TryParse(answer)!.Error);
        // A key of low order cannot be answered; a replica is not a courier.
        Send(new byte[Mkem.KeySize], ReplicaStage.CourierId);
        Send(request.EphemeralPublicKey, ReplicaStage.Document.Replicas[1].Id);
        Assert.Single(_stage.Wire);

        void Send(byte[] ephemeral, NodeId from)
        {
            ReplicaCommand command = new(
                ReplicaCommandKind.Envelope, from, _stage.Epoch, default, 0, ephemeral, request.Dek1, default, request.Ciphertext);
            _stage.Enqueue(replica.Id, QueueNames.ReplicaIn, command.ToBytes(ReplicaStage.Geometry));
            _stage.Drain();
        }
    }

    [Fact]
    public void Random_and_damaged_messages_never_throw()
    {
        using Envelope envelope = _stage.Seal(ReplicaRequest.ToStore(ReplicaStage.Box(_write, "a box")), false);
        _stage.Ask(envelope.Query);
        Parcel[] good = [.. _stage.Wire];
        foreach (Parcel parcel in good)
        {
            for (int round = 0; round < 60; round++)
            {
                byte[] bytes = parcel.Message.ToArray();
                // Half of the changes lie in the fields before the body.
                int limit = round % 2 == 0 ? 400 : bytes.Length;
                bytes[_stage.Random.Below(limit)] ^= (byte)(1 + _stage.Random.Below(255));
                _stage.Enqueue(parcel.To, parcel.Queue, round % 10 == 0 ? bytes.AsMemory(1) : bytes);
            }
            _stage.Drain();
        }
    }

    void Damage(NodeId replica, BoxId id)
    {
        StoredValue there = _stage.Stored(replica, id)!;
        byte[] bytes = there.Value.ToArray();
        bytes[BoxId.Size + 40] ^= 1;
        StoreKey key = new(ReplicaRole.Shelf, _stage.Epoch, id.ToString());
        Task<PutOutcome> put = _stage.Stores[replica].ReplaceIfUnchangedAsync(key, bytes, there.Version, default).AsTask();
        Assert.Equal(PutOutcome.Created, put.GetAwaiter().GetResult());
    }

    static void Fill(ReplicaStage stage, BoxId id)
    {
        (NodeDescriptor one, NodeDescriptor two) = stage.Shards.ShardsOf(id);
        foreach (NodeDescriptor replica in (NodeDescriptor[])[one, two])
        {
            for (int i = 0; Put(stage.Stores[replica.Id], i) != PutOutcome.Full; i++)
            {
            }
        }

        static PutOutcome Put(BoxStore store, int i) =>
            store.PutIfAbsentAsync(new StoreKey("filler", 1, $"{i}"), new byte[1], default).AsTask().GetAwaiter().GetResult();
    }

    Box Tombstone() => _write.Tombstone(_write.First, BacapContext.Pigeonhole);

    static (bool, ReplicaError) Outcome(ReplicaAnswer answer) => (answer.IsWrite, answer.Error);

    OpenOutcome Open(ReplicaAnswer answer) => _write.ToReadCapability().Open(
        _write.First, BacapContext.Pigeonhole, answer.Box!, new byte[Math.Max(0, answer.Box!.Ciphertext.Length - Box.Overhead)]);
}
