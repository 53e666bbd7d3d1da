using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;

namespace Funion.Tests.Private.Transfer;

/// <summary>128 base transfers, and every way to spoil one.</summary>
public sealed class BaseTransferTests
{
    const int Count = TransferGeometry.Columns;

    static readonly Bytes32 s_session = Dealer.Session(1);

    [Fact]
    public void The_receiver_gets_the_key_it_chose_and_not_the_other()
    {
        byte[] choices = RandomNumberGenerator.GetBytes(16), reply = new byte[Count * 32], both = new byte[Count * 32], chosen = new byte[Count * 16];
        using BaseTransferReceiver receiver = new(s_session, choices);
        Assert.Equal(TransferOutcome.Taken, BaseTransferSender.Answer(s_session, receiver.Message, reply, both));
        Assert.Equal(TransferOutcome.Taken, receiver.Receive(reply, chosen));
        HashSet<string> seen = [];
        for (int i = 0; i < Count; i++)
        {
            int choice = Dealer.Bit(choices, i) ? 1 : 0;
            Assert.Equal(both[((i * 32) + (choice * 16))..((i * 32) + (choice * 16) + 16)], chosen[(i * 16)..((i + 1) * 16)]);
            Assert.True(seen.Add(Convert.ToHexString(both, i * 32, 16)) && seen.Add(Convert.ToHexString(both, (i * 32) + 16, 16)));
        }
        // Once.
        Assert.Equal(TransferOutcome.Closed, receiver.Receive(reply, chosen));
    }

    /// <summary>The key as the documentation says, from the receiver's side, by hand: a·Y with the a that makes r_c + H(r₁₋c) = a·B.</summary>
    [Fact]
    public void Keys_are_what_the_documentation_says()
    {
        byte[] points = new byte[Count * 64], reply = new byte[Count * 32], keys = new byte[Count * 32];
        byte[][] scalars = new byte[Count][];
        for (int i = 0; i < Count; i++)
        {
            scalars[i] = new byte[32];
            byte[] ours = new byte[32], other = new byte[32];
            Ristretto255.RandomScalar(scalars[i]);
            Ristretto255.MultiplyBase(scalars[i], ours);
            Ristretto255.FromHash(RandomNumberGenerator.GetBytes(64), other);
            byte[] hash = HashToPoint(i, 1, other);
            Ristretto255.Subtract(ours, hash, ours);
            other.CopyTo(points, i * 64);
            ours.CopyTo(points, (i * 64) + 32);
        }
        Assert.Equal(TransferOutcome.Taken, BaseTransferSender.Answer(s_session, points, reply, keys));
        for (int i = 0; i < Count; i++)
        {
            byte[] shared = new byte[32], theirs = reply[(i * 32)..((i + 1) * 32)];
            Assert.True(Ristretto255.Multiply(scalars[i], theirs, shared));
            byte[] expected = Hash(32, "funion-ot-key-v1"u8, s_session.AsSpan(), BitConverter.GetBytes(i), [1], points.AsSpan(i * 64, 64), theirs, shared);
            Assert.Equal(expected[..16], keys[((i * 32) + 16)..((i + 1) * 32)]);
        }
    }

    [Fact]
    public void What_the_receiver_sends_does_not_tell_its_choice_and_is_new_every_time()
    {
        byte[] zeros = new byte[16], ones = [.. Enumerable.Repeat((byte)0xff, 16)];
        using BaseTransferReceiver first = new(s_session, zeros), second = new(s_session, ones), third = new(s_session, ones);
        Assert.All((byte[][])[first.Message.ToArray(), second.Message.ToArray()], message => Assert.All(message.Chunk(32), point => Assert.True(Ristretto255.IsValid(point))));
        Assert.Empty(second.Message.ToArray().Chunk(32).Select(Convert.ToHexString).Intersect(third.Message.ToArray().Chunk(32).Select(Convert.ToHexString)));
    }

    [Fact]
    public void Two_sessions_or_two_senders_have_no_key_in_common()
    {
        using BaseTransferReceiver receiver = new(s_session, new byte[16]);
        byte[] reply = new byte[Count * 32], ours = new byte[Count * 32], theirs = new byte[Count * 32], chosen = new byte[Count * 16];
        BaseTransferSender.Answer(Dealer.Session(2), receiver.Message, reply, theirs);
        Assert.Equal(TransferOutcome.Taken, receiver.Receive(reply, chosen));
        BaseTransferSender.Answer(s_session, receiver.Message, new byte[Count * 32], ours);
        string[] keys = [.. chosen.Chunk(16).Select(Convert.ToHexString)];
        Assert.Empty(keys.Intersect(theirs.Chunk(16).Select(Convert.ToHexString)));
        Assert.Empty(keys.Intersect(ours.Chunk(16).Select(Convert.ToHexString)));
    }

    [Fact]
    public void Points_that_are_none_and_messages_of_other_sizes_are_refused()
    {
        byte[] identity = new byte[32], negative = [1, .. new byte[31]], large = [.. Enumerable.Repeat((byte)0xff, 32)];
        using BaseTransferReceiver receiver = new(s_session, new byte[16]);
        byte[] reply = new byte[Count * 32], keys = new byte[Count * 32], chosen = new byte[Count * 16];
        foreach (byte[] bad in (byte[][])[negative, large])
        {
            foreach (int place in (int[])[0, 1, 255])
            {
                byte[] message = receiver.Message.ToArray();
                bad.CopyTo(message, place * 32);
                Assert.Equal(TransferOutcome.BadPoint, BaseTransferSender.Answer(s_session, message, reply, keys));
                Assert.All(keys, value => Assert.Equal(0, value));
                Assert.All(reply, value => Assert.Equal(0, value));
            }
        }
        // r₀ = −H(0, r₁): the sender would multiply the identity.
        byte[] cancels = receiver.Message.ToArray(), sum = new byte[32];
        Ristretto255.Subtract(identity, HashToPoint(0, 0, cancels[32..64]), sum);
        sum.CopyTo(cancels, 0);
        Assert.Equal(TransferOutcome.BadPoint, BaseTransferSender.Answer(s_session, cancels, reply, keys));
        foreach (int size in (int[])[0, 8_191, 8_193])
        {
            Assert.Equal(TransferOutcome.WrongSize, BaseTransferSender.Answer(s_session, new byte[size], reply, keys));
        }
        foreach (byte[] bad in (byte[][])[identity, negative, large])
        {
            using BaseTransferReceiver other = new(s_session, new byte[16]);
            Assert.Equal(TransferOutcome.Taken, BaseTransferSender.Answer(s_session, other.Message, reply, keys));
            bad.CopyTo(reply, 127 * 32);
            Assert.Equal(TransferOutcome.BadPoint, other.Receive(reply, chosen));
            Assert.All(chosen, value => Assert.Equal(0, value));
            Assert.Equal(TransferOutcome.Closed, other.Receive(reply, chosen));
        }
        Assert.Equal(TransferOutcome.WrongSize, receiver.Receive(new byte[(Count * 32) - 1], chosen));
    }

    [Fact]
    public void Misuse_is_a_programming_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BaseTransferReceiver(s_session, new byte[15]));
        using BaseTransferReceiver receiver = new(s_session, new byte[16]);
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Receive(new byte[4096], new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BaseTransferSender.Answer(s_session, [], new byte[1], new byte[4096]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BaseTransferSender.Answer(s_session, [], new byte[4096], new byte[1]));
    }

    /// <summary>RFC 9496, appendix A.1 and A.3.</summary>
    [Fact]
    public void The_group_is_ristretto255()
    {
        byte[] two = [2, .. new byte[31]], point = new byte[32], sum = new byte[32], one = new byte[32];
        Ristretto255.MultiplyBase(two, point);
        Assert.Equal("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919", Convert.ToHexStringLower(point));
        two[0] = 1;
        Ristretto255.MultiplyBase(two, one);
        Assert.Equal("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", Convert.ToHexStringLower(one));
        Assert.True(Ristretto255.Add(one, one, sum));
        Assert.Equal(point, sum);
        Assert.True(Ristretto255.Subtract(sum, one, sum));
        Assert.Equal(one, sum);
        Ristretto255.FromHash(
            Convert.FromHexString(
                "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c14d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6"), point);
        Assert.Equal("3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46", Convert.ToHexStringLower(point));
        // libsodium 1.0.18 takes bit 255 for nothing.
        one[31] ^= 0x80;
        Assert.False(Ristretto255.IsValid(one));
        Assert.False(Ristretto255.Multiply(two, one, sum));
        Assert.False(Ristretto255.Add(point, one, sum));
        Assert.False(Ristretto255.Subtract(one, point, sum));
        one[31] ^= 0x80;
        Assert.True(Ristretto255.IsValid(one));
        Assert.False(Ristretto255.Add([.. Enumerable.Repeat((byte)0xff, 32)], one, sum));
        Assert.False(Ristretto255.Multiply(two, new byte[32], sum));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ristretto255.IsValid(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ristretto255.Multiply(new byte[31], one, sum));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ristretto255.Add(one, one, new byte[33]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ristretto255.FromHash(new byte[63], point));
    }

    static byte[] HashToPoint(int index, byte branch, byte[] other)
    {
        byte[] point = new byte[32];
        Ristretto255.FromHash(Hash(64, "funion-ot-point-v1"u8, s_session.AsSpan(), BitConverter.GetBytes(index), [branch], other, [], []), point);
        return point;
    }

    static byte[] Hash(
        int size, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, ReadOnlySpan<byte> e, ReadOnlySpan<byte> f, ReadOnlySpan<byte> g)
    {
        byte[] hash = new byte[size];
        Blake2bState state = new(size, []);
        foreach (byte[] part in (byte[][])[a.ToArray(), b.ToArray(), c.ToArray(), d.ToArray(), e.ToArray(), f.ToArray(), g.ToArray()])
        {
            state.Append(part);
        }
        state.Finish(hash);
        return hash;
    }
}
