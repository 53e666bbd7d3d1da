using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Tests.Client;

/// <summary>The whole other side of a sender: real keys, every hop peeled at once, the delays that were asked for added up.</summary>
sealed class PeelingGateway(LocalNetworkPlan plan, TimeProvider time) : GatewayConnection
{
    readonly List<(DateTimeOffset Due, RecipientId Mailbox, SurbId Id, byte[] Payload)> _mail = [];

    public SphinxGeometry Geometry { get; } = new(plan.Document.Geometry.UserPayload, plan.Document.Geometry.Hops);

    public List<SeenPacket> Packets { get; } = [];

    public List<(DateTimeOffset At, int Size)> Polls { get; } = [];

    /// <summary>Answers a request; zeros unless a test says otherwise.</summary>
    public Func<SeenPacket, byte[]>? Service { get; set; }

    /// <summary>Which packets are lost on the way.</summary>
    public Func<SeenPacket, bool> Loses { get; set; } = _ => false;

    /// <summary>Which polls' answers are lost on the way.</summary>
    public Func<int, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Whether replies are damaged on the way.</summary>
    public bool Damages { get; set; }

    public bool IsDown { get; set; }

    public override Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
    {
        if (IsDown)
        {
            throw new GatewayUnreachableException("Down.");
        }
        DateTimeOffset now = time.GetUtcNow();
        (SeenPacket seen, byte[] surb, TimeSpan there) = Travel(packet.ToArray(), now);
        byte[] reply = Service?.Invoke(seen) ?? new byte[Geometry.ReplyPayloadSize];
        Assert.True(Surb.TryBuildReply(Geometry, surb, reply, out NodeId first, out byte[] answer));
        (RecipientId mailbox, SurbId id, byte[] payload, TimeSpan back) = Return(answer, first);
        seen = seen with { Surb = id };
        Packets.Add(seen);
        if (!Loses(seen))
        {
            payload[^1] ^= Damages ? (byte)1 : (byte)0;
            _mail.Add((now + there + back, mailbox, id, payload));
        }
        return Task.CompletedTask;
    }

    public override Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (IsDown)
        {
            throw new GatewayUnreachableException("Down.");
        }
        int packets = plan.Document.Mailbox.PacketsPerPoll;
        MailboxRequest poll = MailboxRequest.TryParse(request, packets) ?? throw new InvalidOperationException("Not a poll.");
        RecipientId mailbox = MailboxRequest.MailboxId(poll.Secret.Span, poll.Epoch);
        for (int i = 0; i < packets; i++)
        {
            SurbId arrived = new(poll.Cursor.Span.Slice(i * SurbId.Size, SurbId.Size));
            _mail.RemoveAll(mail => mail.Mailbox == mailbox && mail.Id == arrived);
        }
        DateTimeOffset now = time.GetUtcNow();
        Polls.Add((now, request.Length));
        byte[] answer = MailboxAnswer.Build(
            Geometry, packets,
            [.. _mail.Where(mail => mail.Mailbox == mailbox && mail.Due <= now).Take(packets).Select(mail => (mail.Id, (ReadOnlyMemory<byte>)mail.Payload))]);
        return LosesAnswer(Polls.Count) ? throw new GatewayUnreachableException("Lost.") : Task.FromResult(answer);
    }

    (SeenPacket Seen, byte[] Surb, TimeSpan Delay) Travel(byte[] packet, DateTimeOffset now)
    {
        NodeId at = plan.Document.Gateways[0].Id;
        List<NodeId> path = [at];
        long delay = 0;
        int size = packet.Length;
        while (true)
        {
            Unwrapped layer = SphinxUnwrap.Unwrap(Geometry, Keys(at), packet);
            delay += layer.DelayMilliseconds;
            if (layer.Outcome == UnwrapOutcome.Deliver)
            {
                byte[] surb = layer.Surb.ToArray();
                NodeId replyTo = new(surb.AsSpan(Geometry.HeaderSize, NodeId.Size));
                return (new SeenPacket(now, size, at, layer.Recipient, layer.UserPayload.ToArray(), path, default, replyTo), surb,
                    TimeSpan.FromMilliseconds(delay));
            }
            Assert.Equal(UnwrapOutcome.Forward, layer.Outcome);
            Assert.True(plan.Document.MayFollow(at, layer.NextHop));
            at = layer.NextHop;
            path.Add(at);
        }
    }

    (RecipientId Mailbox, SurbId Id, byte[] Payload, TimeSpan Delay) Return(byte[] packet, NodeId at)
    {
        long delay = 0;
        while (true)
        {
            Unwrapped layer = SphinxUnwrap.Unwrap(Geometry, Keys(at), packet);
            delay += layer.DelayMilliseconds;
            if (layer.Outcome == UnwrapOutcome.SurbReply)
            {
                Assert.Equal(plan.Document.Gateways[0].Id, at);
                return (layer.Recipient, layer.SurbId, layer.Payload.ToArray(), TimeSpan.FromMilliseconds(delay));
            }
            Assert.Equal(UnwrapOutcome.Forward, layer.Outcome);
            at = layer.NextHop;
        }
    }

    Func<byte, HopKey?> Keys(NodeId node) => epoch => plan.Nodes.First(keys => keys.Id == node).Keys
        .Where(key => (byte)(key.Epoch & 0xff) == epoch)
        .Select(key => new HopKey(node, key.Epoch, key.PrivateKey, key.PublicKey)).FirstOrDefault();
}
