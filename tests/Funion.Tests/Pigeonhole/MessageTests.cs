using Funion.Bacap;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Tests.Simulation;

namespace Funion.Tests.Pigeonhole;

public sealed class MessageTests
{
    static readonly PigeonholeGeometry s_geometry = new(500);

    readonly SeededRandom _random = new(3);

    [Fact]
    public void A_query_comes_back_as_it_went()
    {
        CourierEnvelope envelope = Envelope();
        byte[] bytes = envelope.ToQuery(s_geometry);
        CourierEnvelope parsed = CourierEnvelope.TryParse(s_geometry, bytes)!;
        Assert.Equal(bytes, parsed.ToQuery(s_geometry));
        Assert.Equal(
            (envelope.FirstReplica, envelope.SecondReplica, envelope.ReplicaEpoch),
            (parsed.FirstReplica, parsed.SecondReplica, parsed.ReplicaEpoch));
        // The field offsets are the wire's: type, intermediates, DEKs, reply index, epoch, key length, key, length, ciphertext.
        Assert.Equal((byte)0, bytes[0]);
        Assert.Equal(envelope.FirstDek.ToArray(), bytes[3..63]);
        Assert.Equal(1, bytes[123]);
        Assert.Equal([0, 32], bytes[132..134]);
        Assert.Equal(envelope.Ciphertext.ToArray(), bytes[170..]);
    }

    [Fact]
    public void An_envelope_is_named_by_its_key_and_ciphertext_alone()
    {
        CourierEnvelope envelope = Envelope();
        CourierEnvelope same = envelope with { FirstReplica = 9, FirstDek = Bytes(60), ReplyIndex = 0, ReplicaEpoch = 1 };
        Assert.Equal(envelope.Hash(), same.Hash());
        Assert.NotEqual(envelope.Hash(), (envelope with { EphemeralKey = Bytes(32) }).Hash());
        Assert.NotEqual(envelope.Hash(), (envelope with { Ciphertext = Bytes(s_geometry.SealedInnerSize) }).Hash());
    }

    [Fact]
    public void Requests_and_answers_come_back_as_they_went_and_have_one_size()
    {
        BoxId id = new(Bytes(32));
        Box box = new(id, Bytes(s_geometry.BoxCiphertextSize), Bytes(64)), tombstone = new(id, default, Bytes(64));
        foreach (ReplicaRequest request in (ReplicaRequest[])[
            ReplicaRequest.Read(id), ReplicaRequest.ToStore(box), ReplicaRequest.ToStore(tombstone)])
        {
            byte[] bytes = request.ToBytes(s_geometry);
            Assert.Equal(s_geometry.InnerSize, bytes.Length);
            ReplicaRequest parsed = ReplicaRequest.TryParse(bytes)!;
            Assert.Equal((id, request.Write is null), (parsed.Id, parsed.Write is null));
            Assert.Equal(bytes, parsed.ToBytes(s_geometry));
        }
        foreach (ReplicaError error in Enum.GetValues<ReplicaError>())
        {
            Box? there = error == ReplicaError.None ? box : error == ReplicaError.Tombstone ? tombstone : null;
            foreach (ReplicaAnswer answer in (ReplicaAnswer[])[new(true, error, null), new(false, error, there)])
            {
                byte[] bytes = answer.ToBytes(s_geometry);
                Assert.Equal(s_geometry.ReplySize, bytes.Length);
                ReplicaAnswer parsed = ReplicaAnswer.TryParse(bytes)!;
                Assert.Equal((answer.IsWrite, error, answer.Box is null), (parsed.IsWrite, parsed.Error, parsed.Box is null));
                Assert.Equal(bytes, parsed.ToBytes(s_geometry));
            }
        }
    }

    [Fact]
    public void The_error_tables_are_closed()
    {
        Assert.Equal(Enumerable.Range(0, 12), Enum.GetValues<ReplicaError>().Select(error => (int)error));
        Assert.Equal(Enumerable.Range(0, 5), Enum.GetValues<EnvelopeError>().Select(error => (int)error));
        byte[] answer = new ReplicaAnswer(true, ReplicaError.Tombstone, null).ToBytes(s_geometry);
        answer[5] = 12;
        Assert.Null(ReplicaAnswer.TryParse(answer));
        byte[] reply = new CourierReply(default, 0, default, EnvelopeError.InvalidEpoch).ToBytes(s_geometry.CourierReplySize);
        Assert.NotNull(CourierReply.TryParse(s_geometry, reply));
        reply[39] = 5;
        Assert.Null(CourierReply.TryParse(s_geometry, reply));
    }

    [Fact]
    public void A_stored_box_is_verified_when_it_is_read()
    {
        WriteCapability write = WriteCapability.Create();
        Box box = write.Seal(write.First, BacapContext.Pigeonhole, s_geometry.PadPlaintext([1, 2, 3]));
        byte[] bytes = StoredBox.ToBytes(box);
        Assert.Equal(bytes, StoredBox.ToBytes(StoredBox.TryRead(box.Id, bytes)!));
        Assert.Null(StoredBox.TryRead(new BoxId(Bytes(32)), bytes));
        for (int at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x20;
            Assert.Null(StoredBox.TryRead(box.Id, bytes));
            bytes[at] ^= 0x20;
        }
        Assert.Null(StoredBox.TryRead(box.Id, bytes.AsMemory(1)));
        Assert.Null(StoredBox.TryRead(box.Id, (byte[])[.. bytes, 0]));
    }

    [Fact]
    public void Parsers_never_throw_and_take_only_what_they_would_write()
    {
        byte[] command = new ReplicaCommand(
            ReplicaCommandKind.ProxyAnswer, new NodeId(Bytes(32)), 7, new Bytes32(Bytes(32)), 1, Bytes(32), Bytes(60), Bytes(256),
            Bytes(s_geometry.SealedReplySize)).ToBytes(s_geometry);
        byte[] inbound = new CourierInbound(new EnvelopeHash(Bytes(32)), 1, Bytes(s_geometry.SealedReplySize)).ToBytes(s_geometry);
        byte[] reply = new CourierReply(default, 1, Bytes(s_geometry.SealedReplySize), EnvelopeError.None)
            .ToBytes(s_geometry.CourierReplySize + 9);
        Box box = new(new BoxId(Bytes(32)), Bytes(s_geometry.BoxCiphertextSize), Bytes(64));
        byte[] request = ReplicaRequest.ToStore(box).ToBytes(s_geometry);
        byte[] answer = new ReplicaAnswer(false, ReplicaError.None, box).ToBytes(s_geometry);
        Fuzz(Envelope().ToQuery(s_geometry), bytes => CourierEnvelope.TryParse(s_geometry, bytes)?.ToQuery(s_geometry));
        Fuzz(command, bytes => ReplicaCommand.TryParse(s_geometry, bytes)?.ToBytes(s_geometry));
        Fuzz(inbound, bytes => CourierInbound.TryParse(s_geometry, bytes)?.ToBytes(s_geometry));
        Fuzz(reply, bytes => CourierReply.TryParse(s_geometry, bytes)?.ToBytes(bytes.Length));
        Fuzz(request, bytes => ReplicaRequest.TryParse(bytes)?.ToBytes(s_geometry));
        // Where an answer has no box its place is free.
        Fuzz(answer, bytes =>
            ReplicaAnswer.TryParse(bytes) is { } parsed && (parsed.IsWrite || parsed.Box is not null) ? parsed.ToBytes(s_geometry) : null);
    }

    void Fuzz(byte[] good, Func<ReadOnlyMemory<byte>, byte[]?> again)
    {
        Assert.Equal(good, again(good));
        for (int round = 0; round < 3_000; round++)
        {
            byte[] bytes = (byte[])good.Clone();
            int limit = round % 2 == 0 ? Math.Min(180, bytes.Length) : bytes.Length;
            for (int change = 0; change <= round % 3; change++)
            {
                bytes[_random.Below(limit)] = (byte)_random.Below(256);
            }
            if (again(bytes) is { } written)
            {
                Assert.Equal(bytes, written);
            }
            again(bytes.AsMemory(0, _random.Below(bytes.Length)));
            again(Bytes(round % 10 == 0 ? good.Length : _random.Below(64)));
        }
    }

    CourierEnvelope Envelope() => new(3, 5, Bytes(60), Bytes(60), 1, 600, Bytes(32), Bytes(s_geometry.SealedInnerSize));

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.Fill(bytes);
        return bytes;
    }
}
