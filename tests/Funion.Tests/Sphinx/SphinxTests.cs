using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Sphinx;

namespace Funion.Tests.Sphinx;

public sealed class SphinxTests
{
    [Theory]
    [InlineData(30_000, 636, 732, 31_402)]
    [InlineData(8_000, 636, 732, 9_402)]
    [InlineData(2_000, 636, 732, 3_402)]
    public void Sizes_derive_from_one_value(int userPayload, int header, int surb, int packet)
    {
        SphinxGeometry geometry = new(userPayload);
        Assert.Equal((114, header, surb, packet), (geometry.PerHop, geometry.HeaderSize, geometry.SurbSize, geometry.PacketSize));
    }

    public static TheoryData<int, int, int> Shapes()
    {
        TheoryData<int, int, int> shapes = [];
        foreach (int payload in (int[])[1, 15, 16, 200, 2_000])
        {
            for (int hops = 1; hops <= 5; hops++)
            {
                shapes.Add(payload, hops, 5);
            }
        }
        shapes.Add(100, 7, 7);
        shapes.Add(30_000, 5, 5);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_packet_arrives_and_its_reply_comes_back(int userPayload, int hops, int most)
    {
        SphinxRoute route = new(new SphinxGeometry(userPayload, most), 12);
        byte[] payload = route.RandomPayload();
        byte[] surb = route.Surb(7, Math.Min(hops, 4), out SurbSecret secret);
        byte[] packet = SphinxPacket.Build(route.Geometry, route.Path(0, hops), SphinxRoute.Service, surb, payload);
        for (int hop = 0; hop < hops - 1; hop++)
        {
            Assert.Equal(route.Geometry.PacketSize, packet.Length);
            Unwrapped layer = route.Unwrap(hop, packet);
            Assert.Equal(UnwrapOutcome.Forward, layer.Outcome);
            Assert.Equal(route[hop + 1].Node, layer.NextHop);
            Assert.Equal((uint)(100 + hop), layer.DelayMilliseconds);
        }
        Unwrapped last = route.Unwrap(hops - 1, packet);
        Assert.Equal(UnwrapOutcome.Deliver, last.Outcome);
        Assert.Equal(SphinxRoute.Service, last.Recipient);
        Assert.Equal(payload, last.UserPayload.ToArray());
        Assert.Equal(surb, last.Surb.ToArray());

        byte[] reply = RandomNumberGenerator.GetBytes(route.Geometry.ReplyPayloadSize);
        Assert.True(Surb.TryBuildReply(route.Geometry, last.Surb, reply, out var first, out byte[] back));
        Assert.Equal(route[7].Node, first);
        Assert.Equal(route.Geometry.PacketSize, back.Length);
        for (int hop = 7; hop < 7 + Math.Min(hops, 4) - 1; hop++)
        {
            Assert.Equal(UnwrapOutcome.Forward, route.Unwrap(hop, back).Outcome);
        }
        Unwrapped arrived = route.Unwrap(7 + Math.Min(hops, 4) - 1, back);
        Assert.Equal(UnwrapOutcome.SurbReply, arrived.Outcome);
        Assert.Equal((SphinxRoute.Mailbox, secret.Id), (arrived.Recipient, arrived.SurbId));
        byte[] opened = arrived.Payload.ToArray();
        Assert.True(secret.TryOpen(opened));
        Assert.Equal(reply, opened[SphinxGeometry.PayloadTagSize..]);
        secret.Dispose();
    }

    [Fact]
    public void Every_flipped_header_bit_is_refused_at_that_hop()
    {
        SphinxRoute route = new(new SphinxGeometry(16, 3), 4);
        byte[] packet = route.Packet(3, route.RandomPayload());
        for (int hop = 0; hop < 3; hop++)
        {
            for (int bit = 0; bit < route.Geometry.HeaderSize * 8; bit++)
            {
                byte[] flipped = [.. packet];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                UnwrapOutcome outcome = route.Unwrap(hop, flipped).Outcome;
                Assert.True(
                    outcome is UnwrapOutcome.BadMac or UnwrapOutcome.BadKey or UnwrapOutcome.UnknownVersion or UnwrapOutcome.WrongEpoch,
                    $"hop {hop}, bit {bit}: {outcome}");
            }
            route.Unwrap(hop, packet);
        }
    }

    [Fact]
    public void A_flipped_payload_bit_is_refused_by_the_last_hop_and_by_the_owner_of_a_surb()
    {
        SphinxRoute route = new(new SphinxGeometry(64, 3), 4);
        Random random = new(1);
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] packet = route.Packet(3, route.RandomPayload());
            int at = trial % 3;
            for (int hop = 0; hop < 2; hop++)
            {
                Flip(packet, at == hop);
                Assert.Equal(UnwrapOutcome.Forward, route.Unwrap(hop, packet).Outcome);
            }
            Flip(packet, at == 2);
            Assert.Equal(UnwrapOutcome.BadPayload, route.Unwrap(2, packet).Outcome);

            byte[] surb = route.Surb(0, 2, out SurbSecret secret);
            Surb.TryBuildReply(route.Geometry, surb, new byte[route.Geometry.ReplyPayloadSize], out _, out byte[] reply);
            Flip(reply, true);
            route.Unwrap(0, reply);
            byte[] payload = route.Unwrap(1, reply).Payload.ToArray();
            Assert.False(secret.TryOpen(payload));
        }

        void Flip(byte[] packet, bool flip)
        {
            if (flip)
            {
                packet[random.Next(route.Geometry.HeaderSize, packet.Length)] ^= (byte)(1 << random.Next(8));
            }
        }
    }

    [Fact]
    public void A_packet_is_for_one_hop_one_epoch_and_one_size()
    {
        SphinxRoute route = new(new SphinxGeometry(100), 6);
        byte[] packet = route.Packet(5, route.RandomPayload());
        Assert.Equal(UnwrapOutcome.BadMac, route.Unwrap(1, [.. packet]).Outcome);
        Assert.Equal(UnwrapOutcome.WrongSize, route.Unwrap(0, packet.AsSpan(1).ToArray()).Outcome);
        byte[] later = [.. packet];
        later[1]++;
        Assert.Equal(UnwrapOutcome.WrongEpoch, route.Unwrap(0, later).Outcome);
        HopKey key = route[0];
        HopKey otherEpoch = key with { Epoch = key.Epoch + 256 };
        Assert.Equal(UnwrapOutcome.BadMac, SphinxUnwrap.Unwrap(route.Geometry, _ => otherEpoch, [.. packet]).Outcome);
    }

    [Fact]
    public void Equal_packets_have_one_replay_tag_and_others_have_others()
    {
        SphinxRoute route = new(new SphinxGeometry(100), 6);
        byte[] packet = route.Packet(5, route.RandomPayload());
        ReplayTag tag = route.Unwrap(0, [.. packet]).ReplayTag;
        Assert.Equal(tag, route.Unwrap(0, [.. packet]).ReplayTag);
        Assert.NotEqual(tag, route.Unwrap(0, route.Packet(5, route.RandomPayload())).ReplayTag);
    }

    [Fact]
    public void Unwrapping_allocates_nothing()
    {
        SphinxRoute route = new(new SphinxGeometry(30_000), 6);
        byte[] payload = route.RandomPayload();
        byte[] warm = route.Packet(5, payload), packet = route.Packet(5, payload);
        Func<byte, HopKey?> find = route.Find(0);
        SphinxUnwrap.Unwrap(route.Geometry, find, warm);
        long before = GC.GetAllocatedBytesForCurrentThread();
        UnwrapOutcome outcome = SphinxUnwrap.Unwrap(route.Geometry, find, packet).Outcome;
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(UnwrapOutcome.Forward, outcome);
    }

    [Fact]
    public void Padding_at_the_last_hop_looks_the_same_for_every_length_of_path()
    {
        SphinxGeometry geometry = new(16);
        double[] scores = [.. Enumerable.Range(1, 5).Select(hops => Uniformity(TailsAtTheLastHop(geometry, hops)))];
        // Chi-square with 255 degrees of freedom: all but one in a hundred million lie below 420. Zeros would score in the hundred thousands.
        Assert.All(scores, score => Assert.InRange(score, 120, 420));
        Assert.True(Uniformity(new byte[2000]) > 100_000);
    }

    [Fact]
    public void Any_bytes_give_an_outcome()
    {
        SphinxRoute route = new(new SphinxGeometry(100), 6);
        Random random = new(5);
        for (int trial = 0; trial < 2000; trial++)
        {
            byte[] bytes = new byte[random.Next(2) == 0 ? route.Geometry.PacketSize : random.Next(3000)];
            random.NextBytes(bytes);
            if (bytes.Length > 1)
            {
                bytes[0] = 1;
                bytes[1] = (byte)(SphinxRoute.Epoch & 0xff);
            }
            Assert.NotEqual(UnwrapOutcome.Forward, route.Unwrap(0, bytes).Outcome);
        }
    }

    [Fact]
    public void A_larger_kem_is_another_instance_and_no_rewrite()
    {
        SphinxRoute route = new(new SphinxGeometry(500, 5, new WideKem()), 6);
        Assert.Equal(2 + 1120 + (5 * (1120 + 82)) + 32, route.Geometry.HeaderSize);
        byte[] payload = route.RandomPayload(), packet = route.Packet(5, payload);
        for (int hop = 0; hop < 4; hop++)
        {
            Assert.Equal(UnwrapOutcome.Forward, route.Unwrap(hop, packet).Outcome);
        }
        Assert.Equal(payload, route.Unwrap(4, packet).UserPayload.ToArray());
    }

    [Fact]
    public void Wrong_sizes_are_programming_errors()
    {
        SphinxRoute route = new(new SphinxGeometry(100), 6);
        byte[] surb = route.Surb(0, 4, out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => SphinxPacket.Build(route.Geometry, route.Path(0, 5), SphinxRoute.Service, surb, new byte[99]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SphinxPacket.Build(route.Geometry, route.Path(0, 5), SphinxRoute.Service, [], new byte[100]));
        Assert.Throws<ArgumentException>(() => SphinxPacket.Build(route.Geometry, route.Path(0, 6), SphinxRoute.Service, surb, new byte[100]));
        Assert.Throws<ArgumentException>(() => SphinxPacket.Build(route.Geometry, [], SphinxRoute.Service, surb, new byte[100]));
        Assert.False(Surb.TryBuildReply(route.Geometry, surb.AsSpan(1), new byte[route.Geometry.ReplyPayloadSize], out _, out _));
    }

    /// <summary>What the last hop's keystream leaves of the routing information behind its own part: the author's padding.</summary>
    static byte[] TailsAtTheLastHop(SphinxGeometry geometry, int hops)
    {
        List<byte> tails = [];
        for (int trial = 0; trial < 12; trial++)
        {
            SphinxRoute route = new(geometry, 6);
            byte[] packet = route.Packet(hops, route.RandomPayload());
            for (int hop = 0; hop < hops - 1; hop++)
            {
                route.Unwrap(hop, packet);
            }
            byte[] routing = packet[geometry.RoutingOffset..geometry.MacOffset];
            byte[] secret = new byte[32], context = new byte[HopSecrets.ContextSize];
            HopKey key = route[hops - 1];
            HopSecrets.WriteContext(context, key.Node, key.Epoch);
            geometry.Kem.Decapsulate(key.PrivateKey.Span, key.PublicKey.Span, packet.AsSpan(2, geometry.Kem.CiphertextSize), context, secret);
            HopSecrets keys = new(secret);
            Aes256Ctr.Xor(keys.StreamKey, keys.StreamIv, routing);
            tails.AddRange(routing[geometry.PerHop..]);
        }
        return [.. tails];
    }

    static double Uniformity(byte[] bytes)
    {
        double expected = bytes.Length / 256.0;
        return bytes.GroupBy(value => value).Sum(group => Math.Pow(group.Count() - expected, 2) / expected)
            + ((256 - bytes.Distinct().Count()) * expected);
    }

    /// <summary>X25519 with a ciphertext as long as a hybrid's, to show that no size is written down twice.</summary>
    sealed class WideKem : Kem
    {
        public override int PublicKeySize => 32;

        public override int PrivateKeySize => 32;

        public override int CiphertextSize => 1120;

        protected override void GenerateKeyPairCore(Span<byte> privateKey, Span<byte> publicKey) => X25519.GenerateKeyPair(privateKey, publicKey);

        protected override bool EncapsulateCore(
            ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> context, Span<byte> ciphertext, Span<byte> sharedSecret)
        {
            RandomNumberGenerator.Fill(ciphertext);
            return X25519.Encapsulate(publicKey, context, ciphertext[..32], sharedSecret);
        }

        protected override bool DecapsulateCore(
            ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> context,
            Span<byte> sharedSecret) => X25519.Decapsulate(privateKey, publicKey, ciphertext[..32], context, sharedSecret);
    }
}
