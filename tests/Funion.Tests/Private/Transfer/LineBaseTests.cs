using System.Runtime.Intrinsics;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>Base transfers that a line makes once: what each session gets of them, and what is refused.</summary>
public sealed class LineBaseTests
{
    const int Count = 128, Tail = 16;

    readonly Random _random = new(20261121);

    [Fact]
    public void Each_session_gets_one_key_of_each_pair_by_choices_of_its_own()
    {
        using LineBaseSender server = new(Dealer.Session(1));
        using LineBaseReceiver client = new(Dealer.Session(1));
        byte[] seeds = new byte[LineBase.SeedsSize];
        Assert.Equal(LineBase.BeginSize, server.Begin.Length);
        Assert.Equal(TransferOutcome.Taken, client.Open(server.Begin, seeds));
        Assert.Equal(TransferOutcome.Taken, server.Open(seeds));
        Assert.Equal(server.Transcript, client.Transcript);
        HashSet<string> keys = [], messages = [];
        for (int session = 0; session < 20; session++)
        {
            Assert.Equal((uint)session + 1, client.Next);
            Assert.Equal(client.Next, server.Next);
            (byte[] message, byte[] choices, byte[] chosen) = Choose(client, session);
            byte[] both = new byte[Count * 32];
            Assert.Equal(TransferOutcome.Taken, server.Answer(Dealer.Session(session), message, both));
            for (int i = 0; i < Count; i++)
            {
                int own = Dealer.Bit(choices, i) ? 1 : 0;
                Assert.Equal(both[((i * 32) + (own * 16))..((i * 32) + (own * 16) + 16)], chosen[(i * 16)..((i * 16) + 16)]);
                Assert.True(keys.Add(Convert.ToHexString(both, i * 32, 16)) && keys.Add(Convert.ToHexString(both, (i * 32) + 16, 16)));
            }
            Assert.True(messages.Add(Convert.ToHexString(message, 0, Tail)) && messages.Add(Convert.ToHexString(message, message.Length - Tail, Tail)));
        }
    }

    /// <summary>No position of a stream twice, no number twice: the n-th session is the n-th extension of an independent implementation, eight blocks after the last.</summary>
    [Fact]
    public void Sessions_are_the_extensions_of_an_independent_implementation_one_after_the_other()
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16);
        using LineBaseReceiver client = new(new CorrelatedReceiver(Dealer.Session(3), geometry, leaves));
        for (int session = 0; session < 4; session++)
        {
            SlowReceiver slow = new(geometry, leaves, Dealer.Session(3), (ulong)session, 8 * (ulong)session);
            byte[] extension = slow.Extend(Count);
            (byte[] message, byte[] choices, byte[] chosen) = Choose(client, 70 + session);
            Assert.Equal(extension, message[..^Tail]);
            for (int i = 0; i < Count; i++)
            {
                Assert.Equal(Dealer.Bit(choices, i), Dealer.Bit(message[^Tail..], i) ^ slow.Choices[i]);
                byte[] row = new byte[16], hash = new byte[32];
                for (int column = 0; column < Count; column++)
                {
                    row[column / 8] |= (byte)((slow.Columns[column][i] ? 1 : 0) << (column % 8));
                }
                Blake2bState state = new(32, []);
                state.Append("funion-ot-line-key-v1"u8);
                state.Append(Dealer.Session(70 + session).AsSpan());
                state.Append(BitConverter.GetBytes(i));
                state.Append(row);
                state.Finish(hash);
                Assert.Equal(hash[..16], chosen[(i * 16)..((i * 16) + 16)]);
            }
        }
    }

    [Fact]
    public void A_message_counts_once_in_its_place_on_its_line_and_ends_the_base_anywhere_else()
    {
        (LineBaseReceiver client, Func<LineBaseSender> server) = Deal(1);
        (LineBaseReceiver stranger, _) = Deal(1);
        byte[] first = Choose(client, 1).Message, second = Choose(client, 2).Message, strange = Choose(stranger, 1).Message;
        Assert.Equal([TransferOutcome.Taken, TransferOutcome.Taken], Outcomes(first, second));
        Assert.Equal([TransferOutcome.Taken, TransferOutcome.InconsistentColumns, TransferOutcome.Closed], Outcomes(first, first, second));
        Assert.Equal([TransferOutcome.InconsistentColumns, TransferOutcome.Closed], Outcomes(second, first));
        Assert.Equal([TransferOutcome.InconsistentColumns, TransferOutcome.Closed], Outcomes(strange, first));
        Assert.Equal([TransferOutcome.WrongSize, TransferOutcome.Closed], Outcomes(first[1..], first));
        Assert.Equal([TransferOutcome.WrongSize, TransferOutcome.Closed], Outcomes([], first));
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Choose(client, 3));

        TransferOutcome[] Outcomes(params byte[][] messages)
        {
            using LineBaseSender sender = server();
            byte[] keys = new byte[Count * 32];
            return [.. messages.Select((message, i) =>
            {
                Random.Shared.NextBytes(keys);
                TransferOutcome outcome = sender.Answer(Dealer.Session(i), message, keys);
                Assert.Equal(outcome != TransferOutcome.Taken, keys.All(one => one == 0));
                return outcome;
            })];
        }
    }

    [Fact]
    public void Every_flipped_bit_of_an_extension_ends_the_base_and_one_of_the_choices_exchanges_two_keys()
    {
        (LineBaseReceiver client, Func<LineBaseSender> server) = Deal(5);
        using (client)
        {
            byte[] message = Choose(client, 1).Message, sound = new byte[Count * 32], keys = new byte[Count * 32];
            Assert.Equal(TransferOutcome.Taken, server().Answer(Dealer.Session(1), message, sound));
            for (int trial = 0; trial < 120; trial++)
            {
                int at = _random.Next(message.Length - Tail), bit = 1 << _random.Next(8);
                message[at] ^= (byte)bit;
                using LineBaseSender sender = server();
                Assert.Equal(TransferOutcome.InconsistentColumns, sender.Answer(Dealer.Session(1), message, keys));
                message[at] ^= (byte)bit;
                Assert.Equal(TransferOutcome.Closed, sender.Answer(Dealer.Session(1), message, keys));
            }
            message[^1] ^= 0x80;
            Assert.Equal(TransferOutcome.Taken, server().Answer(Dealer.Session(1), message, keys));
            Assert.Equal(sound[..^32], keys[..^32]);
            Assert.NotEqual(sound[^32..], keys[^32..]);
            // Another name, other keys: none of the line's serves two sessions.
            message[^1] ^= 0x80;
            Assert.Equal(TransferOutcome.Taken, server().Answer(Dealer.Session(2), message, keys));
            Assert.Empty(sound.Chunk(16).Select(Convert.ToHexString).Intersect(keys.Chunk(16).Select(Convert.ToHexString)));
        }
    }

    /// <summary>Sixteen guesses at four bits of the line's offset: one passes, the others have no base any more.</summary>
    [Fact]
    public void Whoever_guesses_at_the_lines_offset_and_is_wrong_has_no_base_any_more()
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16), offset = [.. Bytes(15), 0x91], keys = new byte[Count * 32];
        TransferOutcome[] outcomes = new TransferOutcome[geometry.Leaves];
        for (int guess = 0; guess < outcomes.Length; guess++)
        {
            using LineBaseSender server = new(new CorrelatedSender(Dealer.Session(6), geometry, offset, leaves));
            byte[] honest = [.. new SlowReceiver(geometry, leaves, Dealer.Session(6)).Extend(Count), .. new byte[Tail]];
            byte[] cheating = [.. new SlowReceiver(geometry, leaves, Dealer.Session(6), 1, 8).Extend(Count, 3, 17, guess), .. new byte[Tail]];
            Assert.Equal(TransferOutcome.Taken, server.Answer(Dealer.Session(1), honest, keys));
            outcomes[guess] = server.Answer(Dealer.Session(2), cheating, keys);
            byte[] third = [.. new SlowReceiver(geometry, leaves, Dealer.Session(6), 2, 16).Extend(Count), .. new byte[Tail]];
            Assert.Equal(outcomes[guess] == TransferOutcome.Taken ? TransferOutcome.Taken : TransferOutcome.Closed, server.Answer(Dealer.Session(3), third, keys));
        }
        Assert.Equal(1, outcomes.Count(outcome => outcome == TransferOutcome.Taken));
        Assert.Equal(TransferOutcome.Taken, outcomes[(offset[1] >> 4) & 15]);
    }

    /// <summary>A session whose base transfers are a line's is one like any other, with a Δ that neither the line nor another session has.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Transfers_on_a_line_are_correlated_by_an_offset_of_their_own(int depth)
    {
        TransferGeometry geometry = new(depth);
        (LineBaseReceiver client, Func<LineBaseSender> make) = Deal(8);
        using LineBaseSender server = make();
        HashSet<Label> offsets = [];
        for (int session = 1; session <= 3; session++)
        {
            using CorrelatedSender sender = new(Dealer.Session(session), geometry, client);
            using CorrelatedReceiver receiver = new(Dealer.Session(session), geometry);
            byte[] reply = new byte[geometry.TreesSize];
            Assert.Equal(LineBase.ChooseSize, sender.Choose.Length);
            Assert.Equal(TransferOutcome.Taken, receiver.Open(sender.Choose, reply, server));
            byte[] spoilt = [.. reply];
            Assert.Equal(TransferOutcome.Taken, sender.Open(reply));
            Assert.Equal(TransferOutcome.Closed, sender.Open(reply));
            Assert.Equal(sender.Transcript, receiver.Transcript);
            (Label[] zero, byte[] choices, Label[] chosen) = Dealer.Extend(sender, receiver, geometry, 300);
            for (int i = 0; i < zero.Length; i++)
            {
                Assert.Equal(zero[i] ^ (Dealer.Bit(choices, i) ? sender.Delta : Label.Zero), chosen[i]);
            }
            Assert.True(offsets.Add(sender.Delta) && sender.Delta.GetElement(15) >= 0x80);
            using CorrelatedSender other = new(Dealer.Session(session), geometry, Deal(9).Client);
            Assert.Equal(TransferOutcome.InconsistentTree, other.Open(spoilt));
        }
        client.Dispose();
    }

    /// <summary>A line whose seeds a dealer drew, and as many servers of it as are wanted.</summary>
    (LineBaseReceiver Client, Func<LineBaseSender> Server) Deal(int line)
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16), offset = [.. Bytes(15), 0x80];
        return (new LineBaseReceiver(new CorrelatedReceiver(Dealer.Session(line), geometry, leaves)),
            () => new LineBaseSender(new CorrelatedSender(Dealer.Session(line), geometry, offset, leaves)));
    }

    (byte[] Message, byte[] Choices, byte[] Keys) Choose(LineBaseReceiver client, int session)
    {
        byte[] message = new byte[LineBase.ChooseSize], choices = Bytes(16), keys = new byte[Count * 16];
        client.Choose(Dealer.Session(session), choices, message, keys);
        return (message, choices, keys);
    }

    byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
