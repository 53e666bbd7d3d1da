using System.Buffers.Binary;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>A peer, or a line, that does not keep to the protocol: a named outcome on the honest side, no exception, nobody who waits for ever.</summary>
public sealed class HostilePeerTests
{
    /// <summary>Messages of a question to the tiny network, each way.</summary>
    const int OfClient = 10, OfServer = 11;

    static readonly TwoParties s_parties = new(TwoParties.Tiny());

    readonly RingTensor _input = TwoParties.Input(s_parties.Network, new Random(9));

    [Fact]
    public async Task A_question_has_so_many_messages()
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Assert.Equal(ProtocolOutcome.Done, (await AskAsync(here, there)).Client);
        Assert.Equal((OfClient, OfServer), (here.Sent, there.Sent));
    }

    /// <summary>What a channel itself refuses, before it takes memory for a body.</summary>
    [Fact]
    public async Task A_message_of_another_size_kind_or_number_than_is_due_is_refused_unread()
    {
        List<(Func<byte[], byte[]> Change, ProtocolOutcome Expected)> changes =
        [
            (message => message, ProtocolOutcome.Done),
            (message => Sized(message[..^1]), ProtocolOutcome.WrongSize),
            (message => Sized([.. message, 0]), ProtocolOutcome.WrongSize),
            (message => [.. BitConverter.GetBytes(int.MaxValue), .. message[4..]], ProtocolOutcome.WrongSize),
            (message => [.. BitConverter.GetBytes(-1), .. message[4..]], ProtocolOutcome.WrongSize),
            (message => Flip(message, 4, 0x80), ProtocolOutcome.WrongOrder),
            (message => Flip(message, 4, 0xff), ProtocolOutcome.WrongOrder),
            (message => Flip(message, 5), ProtocolOutcome.WrongOrder),
            (message => Flip(message, 8, 0x80), ProtocolOutcome.WrongOrder),
            (message => message[..^1], ProtocolOutcome.Closed),
            (message => message[..5], ProtocolOutcome.Closed),
            (_ => [], ProtocolOutcome.Closed),
        ];
        foreach ((Func<byte[], byte[]> change, ProtocolOutcome expected) in changes)
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (_, message) => [change(message)]);
            await here.SendAsync(MessageKind.Input, new byte[7], default);
            await here.DisposeAsync();
            Assert.Equal(expected, await there.ReceiveAsync(MessageKind.Input, new byte[7], default));
            // And that was its end: nothing is sent or read any more.
            if (expected != ProtocolOutcome.Done)
            {
                Assert.Equal(expected, await there.ReceiveAsync(MessageKind.Input, new byte[7], default));
                Assert.Equal(expected, await there.SendAsync(MessageKind.Accept, new byte[1], default));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_cut_short_or_of_another_kind_is_named(bool client)
    {
        for (int number = 0; number < (client ? OfClient : OfServer); number++)
        {
            ProtocolOutcome honest = await HonestAsync(client, (i, message) => [i != number ? message : message.Length == 9 ? Sized([.. message, 0]) : Sized(message[..^1])]);
            Assert.True(honest == ProtocolOutcome.WrongSize, $"message {number} cut: {honest}");
        }
        for (int number = client ? 0 : 1; number < (client ? OfClient : OfServer); number += 3)
        {
            Assert.Equal(ProtocolOutcome.WrongOrder, await HonestAsync(client, (i, message) => [i == number ? Flip(message, 4, 0x10) : message]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_that_change_places_or_come_twice_are_out_of_order(bool client)
    {
        // Those after which another one is sent without waiting.
        foreach (int number in client ? (int[])[0, 2, 4, 5, 7] : [0, 1, 3, 4, 5, 8])
        {
            byte[] held = [];
            Assert.Equal(ProtocolOutcome.WrongOrder, await HonestAsync(client, (i, message) => i == number ? [message, message] : [message]));
            ProtocolOutcome swapped = await HonestAsync(client, (i, message) =>
            {
                if (i == number)
                {
                    held = message;
                    return [];
                }
                return i == number + 1 ? [message, held] : [message];
            });
            Assert.Equal(ProtocolOutcome.WrongOrder, swapped);
        }
    }

    /// <summary>
    /// Bits that the protocol can tell are wrong are named; others make a wrong answer, as a peer that lies can: this mode is no verified one. Nothing else happens.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_altered_message_is_named_or_makes_a_wrong_answer(bool client)
    {
        Random random = new(client ? 41 : 42);
        int named = 0, wrong = 0;
        for (int number = 0; number < (client ? OfClient : OfServer); number++)
        {
            for (int trial = 0; trial < 2; trial++)
            {
                MemoryChannel here, there;
                Func<int, byte[], byte[][]> change = (i, message) => [i == number ? Flipped(message, random) : message];
                (here, there) = MemoryChannel.Pair(client: client ? change : null, server: client ? null : change);
                (ProtocolOutcome ofClient, ProtocolOutcome ofServer, RingTensor? output) = await AskAsync(here, there);
                Assert.True(Enum.IsDefined(ofClient) && Enum.IsDefined(ofServer));
                Assert.Equal(ofClient == ProtocolOutcome.Done, output is not null);
                named += output is null ? 1 : 0;
                wrong += output is not null && !output.Elements.SequenceEqual(s_parties.Network.Run(_input).Elements) ? 1 : 0;
            }
        }
        Assert.True(named > 3 && wrong > 1, $"{named} named, {wrong} wrong");
    }

    [Fact]
    public async Task Transfers_that_do_not_agree_end_the_session()
    {
        // The extension for the garbled batch, then that for rounding.
        foreach (int number in (int[])[2, 4])
        {
            Assert.Equal(ProtocolOutcome.InconsistentTransfer, await HonestAsync(client: false, (i, message) => [i == number ? Flip(message, 9 + 40) : message]));
        }
        Assert.Equal(ProtocolOutcome.InconsistentTransfer, await HonestAsync(client: false, (i, message) => [i == 1 ? Flip(message, message.Length - 1) : message]));
    }

    [Fact]
    public async Task A_batch_of_another_session_is_refused()
    {
        byte[] earlier = [];
        await HonestAsync(client: true, (i, message) => { earlier = i == 6 ? message : earlier; return [message]; });
        Assert.Equal(ProtocolOutcome.WrongSession, await HonestAsync(client: true, (i, message) => [i == 6 ? earlier : message]));
    }

    [Fact]
    public async Task An_offer_of_something_else_is_refused_with_the_reason()
    {
        List<(int Byte, ProtocolOutcome Reason)> cases =
        [
            (8, ProtocolOutcome.WrongVersion), (10, ProtocolOutcome.WrongParameters), (12, ProtocolOutcome.WrongChannel), (13, ProtocolOutcome.WrongModel), (44, ProtocolOutcome.WrongModel),
        ];
        foreach ((int at, ProtocolOutcome reason) in cases)
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (i, message) => [i == 0 ? Flip(message, 9 + at, (byte)(at == 12 ? 3 : 1)) : message]);
            (ProtocolOutcome client, ProtocolOutcome server, _) = await AskAsync(here, there);
            Assert.Equal((reason, reason), (client, server));
        }
        // No transfer of that kind; no phase; no offer.
        foreach (int at in (int[])[11, 9, 0])
        {
            Assert.Equal(ProtocolOutcome.Malformed, await HonestAsync(client: true, (i, message) => [i == 0 ? Flip(message, 9 + at, 0x40) : message]));
        }
        (MemoryChannel direct, MemoryChannel anonymous) = MemoryChannel.Pair(ChannelKind.Direct, serverKind: ChannelKind.Anonymous);
        Assert.Equal(ProtocolOutcome.WrongChannel, (await AskAsync(direct, anonymous)).Client);
    }

    [Fact]
    public async Task A_server_that_refuses_for_no_known_reason_is_malformed()
    {
        Assert.Equal(ProtocolOutcome.Malformed, await HonestAsync(client: false, (i, message) => [i == 0 ? Flip(message, 9, 0x80) : message]));
        Assert.Equal(ProtocolOutcome.Full, await HonestAsync(client: false, (i, message) => [i == 0 ? Flip(message, 9, (byte)ProtocolOutcome.Full) : message]));
    }

    [Fact]
    public async Task Who_leaves_at_any_time_leaves_nobody_waiting()
    {
        foreach (bool client in (bool[])[true, false])
        {
            for (int number = 0; number < (client ? OfClient : OfServer); number++)
            {
                MemoryChannel? mine = null;
                Func<int, byte[], byte[][]> leave = (i, message) =>
                {
                    if (i < number)
                    {
                        return [message];
                    }
                    mine!.DisposeAsync().AsTask().Wait();
                    return i == number ? [message[..(message.Length / 2)]] : [];
                };
                (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: client ? leave : null, server: client ? null : leave);
                mine = client ? here : there;
                (ProtocolOutcome ofClient, ProtocolOutcome ofServer, _) = await AskAsync(here, there);
                Assert.Equal(ProtocolOutcome.Closed, client ? ofServer : ofClient);
            }
        }
    }

    [Fact]
    public async Task Without_room_the_server_keeps_nothing()
    {
        TwoPartyServer full = new(s_parties.Model, () => new MaterialPlace(_ => false, () => { }), _ => null);
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Task<ProtocolOutcome> serving = Task.Run(async () =>
        {
            await using (there)
            {
                return await full.ServeAsync(there);
            }
        });
        Assert.Equal(ProtocolOutcome.Closed, (await s_parties.Client.PrepareAsync(here, TransferKind.Iknp)).Outcome);
        Assert.Equal(ProtocolOutcome.Full, await serving);
    }

    async Task<ProtocolOutcome> HonestAsync(bool client, Func<int, byte[], byte[][]> change)
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: client ? change : null, server: client ? null : change);
        (ProtocolOutcome ofClient, ProtocolOutcome ofServer, _) = await AskAsync(here, there);
        return client ? ofServer : ofClient;
    }

    async Task<(ProtocolOutcome Client, ProtocolOutcome Server, RingTensor? Output)> AskAsync(MemoryChannel here, MemoryChannel there)
    {
        // Somebody who waits for ever fails the test instead.
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        return await s_parties.TryAskAsync(here, there, _input, patience.Token);
    }

    static byte[] Sized(byte[] message)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length - 9);
        return message;
    }

    static byte[] Flip(byte[] message, int at, byte mask = 1)
    {
        message[at] ^= mask;
        return message;
    }

    static byte[] Flipped(byte[] message, Random random) => message.Length == 9 ? message : Flip(message, random.Next(9, message.Length), (byte)(1 << random.Next(8)));
}
