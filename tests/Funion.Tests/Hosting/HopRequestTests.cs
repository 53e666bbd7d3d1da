using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Funion.Cryptography;
using Funion.Hosting.Hops;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Hosting;

/// <summary>One message between operators' nodes: who may send what to whom, and nothing else is taken.</summary>
public sealed class HopRequestTests : IDisposable
{
    const int SentAt = 2 * NodeId.Size;

    readonly HostStage _stage = new();

    [Fact]
    public void Every_edge_of_the_network_carries_its_messages_and_no_other_pair_does()
    {
        SortedSet<string> kinds = [];
        foreach (NodeDescriptor from in _stage.Document.Nodes)
        {
            foreach (NodeDescriptor to in _stage.Document.Nodes)
            {
                string? expected = QueueOf(from, to);
                Assert.Equal(expected, HopTopology.QueueFor(_stage.Document, from, to));
                byte[] message = expected is null ? new byte[HopTopology.MessageSize(_stage.Document, QueueNames.In(to.Role))] : _stage.MessageFor(from.Name, to.Name);
                HopOutcome outcome = Open(to, _stage.Hop(from.Name, to.Name, message), out string queue, out ReadOnlyMemory<byte> taken);
                Assert.Equal(expected is null ? HopOutcome.NotAPeer : HopOutcome.Taken, outcome);
                Assert.Equal(expected ?? "", queue);
                Assert.Equal(expected is null ? [] : message, taken.ToArray());
                if (expected is not null)
                {
                    kinds.Add($"{from.Role}{from.Layer} {to.Role}{to.Layer}");
                }
            }
        }
        // Gateway, courier and compute to layer 1; 1 to 2 to 3; layer 3 to three roles; courier and replica to replica; replica to courier.
        Assert.Equal(11, kinds.Count);
    }

    [Theory]
    [InlineData("gateway-0", "mix-1-0", QueueNames.MixIn)]
    [InlineData("mix-3-1", "compute-0", QueueNames.ComputeIn)]
    [InlineData("courier-0", "replica-2", QueueNames.ReplicaIn)]
    [InlineData("replica-1", "replica-2", QueueNames.ReplicaIn)]
    [InlineData("replica-1", "courier-1", QueueNames.CourierReplies)]
    public void A_message_has_exactly_the_size_of_its_queue(string from, string to, string queue)
    {
        int size = HopTopology.MessageSize(_stage.Document, queue);
        foreach (int wrong in (int[])[0, 1, size - 1, size + 1, 2 * size])
        {
            Assert.Equal(HopOutcome.Malformed, Open(to, _stage.Hop(from, to, new byte[wrong])));
        }
        Assert.Equal(HopOutcome.Taken, Open(to, _stage.Hop(from, to, _stage.MessageFor(from, to))));
        if (queue == QueueNames.ReplicaIn)
        {
            // Signed by its sender, and from another by its own word.
            string other = from == "replica-3" ? "replica-1" : "replica-3";
            Assert.Equal(HopOutcome.NotAPeer, Open(to, _stage.Hop(from, to, _stage.MessageFor(other, to))));
        }
        Assert.InRange(size + HopRequest.Overhead, HopRequest.Overhead + 1, HopRequest.LargestBody(_stage.Document));
    }

    [Fact]
    public void No_bit_of_a_body_can_be_flipped()
    {
        byte[] body = _stage.Hop("replica-0", "courier-0", _stage.MessageFor("replica-0", "courier-0"));
        Assert.Equal(HopOutcome.Taken, Open("courier-0", body));
        HashSet<HopOutcome> outcomes = [];
        for (int bit = 0; bit < 8 * body.Length; bit++)
        {
            body[bit / 8] ^= (byte)(1 << (bit % 8));
            HopOutcome outcome = Open("courier-0", body);
            Assert.False(outcome == HopOutcome.Taken, $"bit {bit}");
            outcomes.Add(outcome);
            body[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.Equal([HopOutcome.Misdirected, HopOutcome.NotAPeer, HopOutcome.WrongTime, HopOutcome.SignatureInvalid], outcomes.Order());
    }

    [Fact]
    public void Every_outcome_has_its_cause()
    {
        byte[] message = _stage.MessageFor("mix-1-0", "mix-2-0"), good = _stage.Hop("mix-1-0", "mix-2-0", message);
        Dictionary<HopOutcome, byte[]> causes = new()
        {
            [HopOutcome.Taken] = good,
            [HopOutcome.Malformed] = good[..HopRequest.Overhead],
            [HopOutcome.Misdirected] = _stage.Hop("mix-1-0", "mix-2-1", message),
            [HopOutcome.NotAPeer] = _stage.Hop("mix-3-0", "mix-2-0", message),
            [HopOutcome.WrongTime] = Sent(_stage.Time.GetUtcNow() - TimeSpan.FromHours(1), message),
            [HopOutcome.SignatureInvalid] = HopRequest.Build(_stage.Node("mix-1-0").Id, _stage.Signer("mix-1-1"), _stage.Node("mix-2-0").Id, message, _stage.Time.GetUtcNow()),
        };
        Assert.Equal(Enum.GetValues<HopOutcome>(), causes.Keys.Order());
        foreach ((HopOutcome outcome, byte[] body) in causes)
        {
            Assert.Equal(outcome, Open("mix-2-0", body));
        }
    }

    [Fact]
    public void Clocks_may_differ_by_the_tolerance_either_way_and_no_more()
    {
        byte[] message = _stage.MessageFor("mix-1-0", "mix-2-0");
        TimeSpan more = HopRequest.Tolerance + TimeSpan.FromMilliseconds(1);
        DateTimeOffset now = _stage.Time.GetUtcNow();
        foreach ((TimeSpan difference, HopOutcome outcome) in ((TimeSpan, HopOutcome)[])
            [(HopRequest.Tolerance, HopOutcome.Taken), (-HopRequest.Tolerance, HopOutcome.Taken), (more, HopOutcome.WrongTime), (-more, HopOutcome.WrongTime)])
        {
            Assert.Equal(outcome, Open("mix-2-0", Sent(now + difference, message)));
        }
        foreach (long absurd in (long[])[long.MinValue, -1, 0, long.MaxValue])
        {
            byte[] body = Sent(now, message);
            BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(SentAt), absurd);
            Assert.Equal(HopOutcome.WrongTime, Open("mix-2-0", body));
        }
    }

    [Fact]
    public void A_node_of_another_network_is_a_stranger()
    {
        using HostStage other = new();
        byte[] body = HopRequest.Build(
            other.Node("mix-1-0").Id, other.Signer("mix-1-0"), _stage.Node("mix-2-0").Id, _stage.MessageFor("mix-1-0", "mix-2-0"), _stage.Time.GetUtcNow());
        Assert.Equal(HopOutcome.NotAPeer, Open("mix-2-0", body));
    }

    [Fact]
    public void A_signature_is_of_this_format_and_no_other()
    {
        // The same bytes signed without the context: what a node signs elsewhere is no hop.
        byte[] body = _stage.Hop("mix-1-0", "mix-2-0", _stage.MessageFor("mix-1-0", "mix-2-0"));
        _stage.Signer("mix-1-0")(body.AsSpan(..^Ed25519.SignatureSize), body.AsSpan(^Ed25519.SignatureSize..));
        Assert.Equal(HopOutcome.SignatureInvalid, Open("mix-2-0", body));
    }

    [Fact]
    public void Hostile_bytes_are_refused_and_never_throw()
    {
        byte[] good = _stage.Hop("courier-0", "replica-0", _stage.MessageFor("courier-0", "replica-0"));
        Gen<byte[]> random = ArbMap.Default.GeneratorFor<byte[]>().Where(bytes => bytes is not null);
        // Heads that get further: to this node, from a peer, in time, cut anywhere.
        Gen<byte[]> nearly = from length in Gen.Choose(0, good.Length + 80)
                             from head in Gen.Elements(0, NodeId.Size, 2 * NodeId.Size, SentAt + 8, good.Length)
                             from fill in ArbMap.Default.GeneratorFor<byte>()
                             select Mixed(good, Math.Min(head, length), length, fill);
        Prop.ForAll(Gen.OneOf(random, nearly).Where(body => !body.AsSpan().SequenceEqual(good)).ToArbitrary(), body =>
        {
            Assert.NotEqual(HopOutcome.Taken, Open(_stage.Node("replica-0"), body, out string queue, out ReadOnlyMemory<byte> message));
            Assert.Equal("", queue);
            Assert.True(message.IsEmpty);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    public void Dispose() => _stage.Dispose();

    static byte[] Mixed(byte[] good, int head, int length, byte fill)
    {
        byte[] body = new byte[length];
        body.AsSpan().Fill(fill);
        good.AsSpan(0, Math.Min(head, good.Length)).CopyTo(body);
        return body;
    }

    byte[] Sent(DateTimeOffset at, byte[] message) => HopRequest.Build(_stage.Node("mix-1-0").Id, _stage.Signer("mix-1-0"), _stage.Node("mix-2-0").Id, message, at);

    /// <summary>Packets by the topology; commands of the paced links, and the replies to them.</summary>
    string? QueueOf(NodeDescriptor from, NodeDescriptor to)
    {
        if (_stage.Document.MayFollow(from.Id, to.Id))
        {
            return QueueNames.In(to.Role);
        }
        if (Links(from, to))
        {
            return QueueNames.ReplicaIn;
        }
        return Links(to, from) ? QueueNames.CourierReplies : null;
    }

    bool Links(NodeDescriptor from, NodeDescriptor to) => SlotSource.Of(_stage.Document, from).Any(source => source.Kind == SlotKind.Link && source.Peer == to.Id);

    HopOutcome Open(string self, byte[] body) => Open(_stage.Node(self), body, out _, out _);

    HopOutcome Open(NodeDescriptor self, byte[] body, out string queue, out ReadOnlyMemory<byte> message) =>
        HopRequest.Open(_stage.Document, self, Ed25519.Verify, body, _stage.Time.GetUtcNow(), out queue, out message);
}
