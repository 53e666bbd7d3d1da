using System.Runtime.Intrinsics;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>Correlated transfer as two parties see it: what each gets, what a cheater gets, and what is refused.</summary>
public sealed class CorrelatedTransferTests
{
    readonly Random _random = new(20260601);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Every_label_of_the_receiver_is_the_senders_plus_its_choice_times_delta(int depth)
    {
        TransferGeometry geometry = new(depth);
        (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Open(geometry);
        using (sender)
        using (receiver)
        {
            Assert.Equal(sender.Transcript, receiver.Transcript);
            Assert.Equal(0x80, sender.Delta[15] & 0x80);
            HashSet<Label> seen = [];
            int ones = 0, all = 0;
            foreach (int transfers in (int[])[1, 7, 128, 129, 1000, 5000])
            {
                (Label[] zero, byte[] choices, Label[] chosen) = Dealer.Extend(sender, receiver, geometry, transfers);
                for (int i = 0; i < transfers; i++)
                {
                    bool choice = Dealer.Bit(choices, i);
                    ones += choice ? 1 : 0;
                    Assert.Equal(zero[i] ^ (choice ? sender.Delta : Label.Zero), chosen[i]);
                    Assert.True(seen.Add(zero[i]));
                }
                all += transfers;
                for (int i = transfers; i < choices.Length * 8; i++)
                {
                    Assert.False(Dealer.Bit(choices, i));
                }
            }
            Assert.InRange(ones, (all / 2) - (3 * (int)Math.Sqrt(all)), (all / 2) + (3 * (int)Math.Sqrt(all)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Messages_choices_and_labels_are_those_of_an_independent_implementation(int depth)
    {
        TransferGeometry geometry = new(depth);
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16);
        using CorrelatedReceiver receiver = new(Dealer.Session(5), geometry, leaves);
        ulong counter = 0;
        for (ulong number = 0; number < 3; number++)
        {
            int transfers = 100 + (150 * (int)number);
            byte[] message = new byte[geometry.ExtensionSize(transfers)], choices = new byte[TransferGeometry.ChoicesSize(transfers)];
            Label[] labels = new Label[transfers];
            receiver.Extend(transfers, message, choices, labels);
            SlowReceiver slow = new(geometry, leaves, Dealer.Session(5), number, counter);
            Assert.Equal(slow.Extend(transfers), message);
            for (int i = 0; i < transfers; i++)
            {
                Assert.Equal(slow.Choices[i], Dealer.Bit(choices, i));
                byte[] row = new byte[16];
                labels[i].CopyTo(row);
                for (int column = 0; column < 128; column++)
                {
                    Assert.Equal(slow.Columns[column][i], Dealer.Bit(row, column));
                }
            }
            counter += 8;
        }
    }

    /// <summary>
    /// A receiver that uses another string of choices in one tree passes the check for one value in 2ᵏ of that tree's bits of Δ, the one that it guessed:
    /// with probability 2⁻ᵏ, and whoever fails has no session any more.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Whoever_cheats_in_a_tree_is_caught_unless_it_guessed_that_trees_bits_of_delta(int depth)
    {
        TransferGeometry geometry = new(depth);
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16), delta = Bytes(16);
        foreach (int tree in (int[])[1, geometry.Trees / 2, geometry.Trees - 1])
        {
            int secret = (delta[tree * depth / 8] >> (tree * depth % 8)) & (geometry.Leaves - 1), passed = 0;
            for (int guess = 0; guess < geometry.Leaves; guess++)
            {
                using CorrelatedSender sender = new(Dealer.Session(6), geometry, delta, leaves);
                byte[] message = new SlowReceiver(geometry, leaves, Dealer.Session(6)).Extend(128, tree, _random.Next(128), guess);
                Label[] labels = [.. Enumerable.Repeat(Label.AllBitsSet, 128)];
                TransferOutcome outcome = sender.Extend(message, labels);
                Assert.Equal(guess == secret ? TransferOutcome.Taken : TransferOutcome.InconsistentColumns, outcome);
                passed += outcome == TransferOutcome.Taken ? 1 : 0;
                if (outcome != TransferOutcome.Taken)
                {
                    Assert.All(labels, label => Assert.Equal(Label.Zero, label));
                    Assert.False(sender.IsOpen);
                    Assert.Equal(TransferOutcome.Closed, sender.Extend(new SlowReceiver(geometry, leaves, Dealer.Session(6)).Extend(128), labels));
                }
            }
            Assert.Equal(1, passed);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_an_extension_is_caught()
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        int size = geometry.ExtensionSize(200);
        for (int trial = 0; trial < 150; trial++)
        {
            (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Deal(geometry, _random);
            byte[] message = new byte[size];
            receiver.Extend(200, message, new byte[25], new Label[200]);
            // Corrections, the hash of the choices, hashes of columns.
            int at = (trial % 3) switch { 0 => _random.Next(size - (129 * 16)), 1 => size - (129 * 16) + _random.Next(16), _ => size - 1 - _random.Next(128 * 16) };
            message[at] ^= (byte)(1 << _random.Next(8));
            Assert.Equal(TransferOutcome.InconsistentColumns, sender.Extend(message, new Label[200]));
            Assert.Equal(TransferOutcome.Closed, sender.Extend(message, new Label[200]));
            Assert.Throws<ObjectDisposedException>(() => sender.Delta);
            sender.Dispose();
            receiver.Dispose();
        }
    }

    [Fact]
    public void An_extension_counts_once_in_its_place_in_its_session_and_for_its_number_of_transfers()
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16), delta = Bytes(16);
        byte[] first = new byte[geometry.ExtensionSize(100)], second = new byte[geometry.ExtensionSize(100)];
        using CorrelatedReceiver receiver = new(Dealer.Session(1), geometry, leaves);
        receiver.Extend(100, first, new byte[13], new Label[100]);
        receiver.Extend(100, second, new byte[13], new Label[100]);
        Assert.NotEqual(first, second);
        Assert.Equal([TransferOutcome.Taken, TransferOutcome.Taken], Outcomes(1, (first, 100), (second, 100)));
        Assert.Equal([TransferOutcome.Taken, TransferOutcome.InconsistentColumns, TransferOutcome.Closed], Outcomes(1, (first, 100), (first, 100), (second, 100)));
        Assert.Equal([TransferOutcome.InconsistentColumns], Outcomes(1, (second, 100)));
        Assert.Equal([TransferOutcome.InconsistentColumns], Outcomes(2, (first, 100)));
        Assert.Equal([TransferOutcome.InconsistentColumns], Outcomes(1, (first, 101)));
        Assert.Equal([TransferOutcome.WrongSize, TransferOutcome.Closed], Outcomes(1, (first, 129), (first, 100)));
        Assert.Equal([TransferOutcome.WrongSize], Outcomes(1, (first[..^1], 100)));
        Assert.Equal([TransferOutcome.WrongSize], Outcomes(1, ([], 100)));

        TransferOutcome[] Outcomes(int session, params (byte[] Message, int Transfers)[] steps)
        {
            using CorrelatedSender sender = new(Dealer.Session(session), geometry, delta, leaves);
            return [.. steps.Select(step => sender.Extend(step.Message, new Label[step.Transfers]))];
        }
    }

    [Fact]
    public void A_session_opens_once_and_only_with_sound_messages()
    {
        TransferGeometry geometry = TransferGeometry.SoftSpoken;
        byte[] reply = new byte[geometry.OpenSize], sound;
        using (CorrelatedSender sender = new(Dealer.Session(1), geometry))
        {
            using CorrelatedReceiver receiver = new(Dealer.Session(1), geometry), late = new(Dealer.Session(1), geometry);
            Assert.Throws<InvalidOperationException>(() => receiver.Transcript);
            Assert.Throws<InvalidOperationException>(() => sender.Transcript);
            Assert.Throws<InvalidOperationException>(() => receiver.Extend(1, new byte[geometry.ExtensionSize(1)], new byte[1], new Label[1]));
            Assert.Equal(TransferOutcome.Closed, sender.Extend(new byte[geometry.ExtensionSize(1)], new Label[1]));
            Assert.Equal(TransferOutcome.Taken, receiver.Open(sender.Choose, reply));
            Assert.Equal(TransferOutcome.Closed, receiver.Open(sender.Choose, reply));
            sound = [.. reply];
            Assert.Equal(TransferOutcome.Taken, sender.Open(sound));
            Assert.Equal(TransferOutcome.Closed, sender.Open(sound));
            Assert.Equal(TransferOutcome.WrongSize, late.Open(sender.Choose[1..], reply));
            Assert.Equal(TransferOutcome.Closed, late.Open(sender.Choose, reply));
        }
        (int At, TransferOutcome Outcome)[] spoilt =
        [
            // The last byte of a point: no encoding any more. A level's sums, both sides. A tree's sum and its hash.
            (31, TransferOutcome.BadPoint), (4096, TransferOutcome.InconsistentTree), (8191 + 5, TransferOutcome.InconsistentTree),
            (8192 + 3, TransferOutcome.InconsistentTree), (geometry.OpenSize - 1, TransferOutcome.InconsistentTree),
        ];
        foreach ((int at, TransferOutcome outcome) in spoilt)
        {
            using CorrelatedSender sender = new(Dealer.Session(1), geometry);
            using CorrelatedReceiver receiver = new(Dealer.Session(1), geometry);
            receiver.Open(sender.Choose, reply);
            reply[at] ^= 0x80;
            if (at == 4096)
            {
                // Whichever side Δ needs.
                reply[at + 16] ^= 0x80;
            }
            Assert.Equal(outcome, sender.Open(reply));
            Assert.Equal(TransferOutcome.Closed, sender.Open(reply));
            Assert.False(sender.IsOpen);
        }
        using CorrelatedSender other = new(Dealer.Session(2), geometry), last = new(Dealer.Session(1), geometry);
        Assert.Equal(TransferOutcome.InconsistentTree, other.Open(sound));
        Assert.Equal(TransferOutcome.WrongSize, last.Open(sound.AsSpan(1)));
        Assert.Equal(TransferOutcome.Closed, last.Open(sound));
    }

    [Fact]
    public void Misuse_is_a_programming_error()
    {
        foreach (int depth in (int[])[-1, 0, 3, 5, 16])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new TransferGeometry(depth));
        }
        TransferGeometry geometry = TransferGeometry.Iknp;
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.ExtensionSize(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.ExtensionSize(TransferGeometry.MaxTransfers + 1));
        Assert.Throws<ArgumentNullException>(() => new CorrelatedReceiver(Dealer.Session(1), null!));
        Assert.Throws<ArgumentNullException>(() => new CorrelatedSender(Dealer.Session(1), null!));
        (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Deal(geometry, _random);
        byte[] message = new byte[geometry.ExtensionSize(9)];
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Extend(9, message.AsSpan(1), new byte[2], new Label[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Extend(9, message, new byte[1], new Label[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Extend(9, message, new byte[2], new Label[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sender.Extend(message, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Open([], new byte[1]));
        Assert.Throws<InvalidOperationException>(() => sender.Choose.Length);
        Assert.Equal(TransferOutcome.Closed, sender.Open(new byte[geometry.OpenSize]));
        receiver.Dispose();
        Assert.Throws<ObjectDisposedException>(() => receiver.Extend(9, message, new byte[2], new Label[9]));
        Assert.Equal(TransferOutcome.Closed, receiver.Open(new byte[TransferGeometry.ChooseSize], new byte[geometry.OpenSize]));
        sender.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sender.Delta);
    }

    [Theory]
    [InlineData(1, 127.6)]
    [InlineData(2, 63.6)]
    [InlineData(4, 31.4)]
    [InlineData(8, 15.4)]
    public void An_extension_costs_as_many_bits_a_transfer_as_the_documentation_says(int depth, double bits)
    {
        TransferGeometry geometry = new(depth);
        Assert.InRange(geometry.ExtensionSize(65_536) * 8 / 65_536.0, bits - 0.5, bits);
        Assert.Equal(8_192, TransferGeometry.ChooseSize);
        Assert.Equal(4_096 + 4_096 + (128 / depth * 64), geometry.OpenSize);
    }

    byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
