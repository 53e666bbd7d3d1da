using System.Buffers.Binary;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>A peer, or a line, that does not keep to the protocol: a named outcome on the honest side, no exception, nobody who waits for ever.</summary>
public sealed class HostilePeerTests
{
    /// <summary>Messages of a question to the tiny network, each way.</summary>
    const int OfClient = 10, OfServer = 12;

    static readonly TwoParties s_parties = new(TwoParties.Tiny());

    readonly RingTensor _input = TwoParties.Input(s_parties.Network, new Random(9));

    [Fact]
    public async Task A_question_has_so_many_messages()
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Assert.Equal(ProtocolOutcome.Done, (await AskAsync(here, there)).Client);
        Assert.Equal((OfClient, OfServer), (here.Sent, there.Sent));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_cut_short_lengthened_doubled_left_out_or_out_of_turn_is_named(bool client)
    {
        List<(string Name, Func<byte[], byte[][]> Change, ProtocolOutcome[] Expected)> changes =
        [
            ("cut", message => [Sized(message[..^1])], [ProtocolOutcome.WrongSize]),
            ("longer", message => [Sized([.. message, 0])], [ProtocolOutcome.WrongSize]),
            ("huge", message => [[.. BitConverter.GetBytes(int.MaxValue), .. message[4..]]], [ProtocolOutcome.WrongSize]),
            ("negative", message => [[.. BitConverter.GetBytes(-1), .. message[4..]]], [ProtocolOutcome.WrongSize]),
            ("other kind", message => [[.. message[..4], (byte)(message[4] ^ 0x80), .. message[5..]]], [ProtocolOutcome.WrongOrder]),
            ("later", message => [[.. message[..5], (byte)(message[5] + 1), .. message[6..]]], [ProtocolOutcome.WrongOrder]),
        ];
        for (int number = 0; number < (client ? OfClient : OfServer); number++)
        {
            foreach ((string name, Func<byte[], byte[][]> change, ProtocolOutcome[] expected) in changes)
            {
                ProtocolOutcome honest = await HonestAsync(client, (i, message) => i != number ? [message] : message.Length == 9 && name == "cut" ? [Sized([.. message, 0])] : change(message));
                Assert.True(expected.Contains(honest), $"{name}, message {number}: {honest}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_that_change_places_or_come_twice_are_out_of_order(bool client)
    {
        for (int number = 0; number + 1 < (client ? OfClient : OfServer); number++)
        {
            byte[]? held = null;
            ProtocolOutcome twice = await HonestAsync(client, (i, message) => i == number ? [message, message] : [message]);
            // A server that has said its last word listens for another offer; a client does not.
            Assert.True(twice is ProtocolOutcome.WrongOrder or ProtocolOutcome.WrongSize, $"message {number} twice: {twice}");
            ProtocolOutcome swapped = await HonestAsync(client, (i, message) =>
            {
                if (i == number && IsFollowed(client, number))
                {
                    held = message;
                    return [];
                }
                byte[][] both = i == number + 1 && held is not null ? [message, held] : [message];
                return both;
            });
            Assert.True(held is null ? swapped is ProtocolOutcome.Done or ProtocolOutcome.Closed : swapped == ProtocolOutcome.WrongOrder, $"message {number} late: {swapped}");
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
            for (int trial = 0; trial < 4; trial++)
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
        Assert.True(named > 8 && wrong > 4, $"{named} named, {wrong} wrong");
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
        TwoPartyServer full = new(s_parties.Model, _ => false, _ => null);
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

    static bool IsFollowed(bool client, int number) => client ? number is 0 or 2 or 4 or 5 or 7 : number is 0 or 1 or 2 or 3 or 4 or 5 or 9;

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
