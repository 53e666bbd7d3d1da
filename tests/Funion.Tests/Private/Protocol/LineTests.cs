using Funion.Private.Garbling;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Transfer;

namespace Funion.Tests.Private.Protocol;

/// <summary>Many materials of one line: what they share, what they do not, and peers that say otherwise.</summary>
public sealed class LineTests
{
    /// <summary>Where an offer says whose base transfers its session has.</summary>
    const int Header = 9, Base = Header + 77;

    /// <summary>Messages of one preparation of the tiny network, each way; one more where the line's base begins.</summary>
    const int OfClient = 7, OfServer = 8;

    static readonly TwoParties s_parties = new(TwoParties.Tiny());

    readonly RingTensor _input = TwoParties.Input(s_parties.Network, new Random(9));

    [Fact]
    public async Task Materials_of_a_line_share_its_base_and_no_offset_and_answer_as_the_reference_does()
    {
        List<uint> bases = [];
        List<int> keys = [];
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (_, message) => { Note(message, bases, keys); return [message]; });
        Task<ProtocolOutcome> serving = Serve(there);
        List<ClientMaterial> materials = [];
        for (int i = 0; i < 5; i++)
        {
            (ProtocolOutcome outcome, ClientMaterial? material) = await s_parties.Client.PrepareAsync(here, i == 3 ? TransferKind.Iknp : TransferKind.SoftSpoken);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            materials.Add(material!);
        }
        Assert.Equal([0u, 1u, 2u, 3u, 4u], bases);
        int own = s_parties.Client.Plan.KeysSize(line: false), shared = s_parties.Client.Plan.KeysSize(line: true);
        Assert.Equal([own, shared, shared, shared, shared], keys);
        Assert.Equal(5u, here.NextOnBase);
        HashSet<string> offsets = [];
        foreach (ClientMaterial material in materials.Skip(2))
        {
            byte[] bytes = new byte[GarblerBatch.ExportSize(s_parties.Client.Plan.Batches[0].Geometry)];
            material.Batches[0].Export(bytes);
            Assert.True(offsets.Add(Convert.ToHexString(bytes, GarblingGeometry.BindingSize, 16)));
        }
        // Last first: what is prepared is in no order.
        foreach (ClientMaterial material in materials.Take(2).Reverse())
        {
            (ProtocolOutcome outcome, RingTensor? output) = await s_parties.Client.RunAsync(here, material, _input);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            Assert.Equal(s_parties.Network.Run(_input).Elements.ToArray(), output!.Elements.ToArray());
        }
        await here.DisposeAsync();
        Assert.Null(here.TakeBase());
        Assert.Equal(ProtocolOutcome.Closed, await serving);
    }

    [Fact]
    public async Task On_the_anonymous_channel_every_session_has_its_own_base()
    {
        List<uint> bases = [];
        List<int> keys = [];
        HashSet<string> points = [];
        int seen = 0;
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(ChannelKind.Anonymous, client: (_, message) =>
        {
            Note(message, bases, keys);
            foreach (byte[] point in message[4] == (byte)MessageKind.Keys ? message[Header..(Header + TransferGeometry.ChooseSize)].Chunk(32) : [])
            {
                points.Add(Convert.ToHexString(point));
                seen++;
            }
            return [message];
        });
        _ = Serve(there);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ProtocolOutcome.Done, (await s_parties.Client.PrepareAsync(here, TransferKind.SoftSpoken)).Outcome);
            Assert.Equal(1u, here.NextOnBase);
        }
        Assert.Equal([0u, 0u, 0u], bases);
        Assert.Equal((3 * 256, 3 * 256), (seen, points.Count));
        Assert.All(keys, size => Assert.Equal(s_parties.Client.Plan.KeysSize(line: false), size));
        // Neither side would keep one, whoever asks.
        Assert.Throws<InvalidOperationException>(() => here.Prepared(new LineBaseReceiver(default(Bytes32))));
        Assert.Null(here.TakeBase());
        await here.DisposeAsync();
    }

    /// <summary>Where keys of another size follow than of the base that is claimed, those are what is refused.</summary>
    [Theory]
    [InlineData(ChannelKind.Anonymous, 0, 1u, ProtocolOutcome.WrongBase)]
    [InlineData(ChannelKind.Anonymous, 0, 2u, ProtocolOutcome.WrongSize)]
    [InlineData(ChannelKind.Direct, 0, 2u, ProtocolOutcome.WrongSize)]
    [InlineData(ChannelKind.Direct, 3, 0u, ProtocolOutcome.WrongSize)]
    [InlineData(ChannelKind.Direct, 3, 1u, ProtocolOutcome.WrongBase)]
    [InlineData(ChannelKind.Direct, 3, 2u, ProtocolOutcome.WrongBase)]
    [InlineData(ChannelKind.Direct, 3, 4u, ProtocolOutcome.WrongBase)]
    [InlineData(ChannelKind.Direct, 3, uint.MaxValue, ProtocolOutcome.WrongBase)]
    public async Task A_base_that_the_server_does_not_have_or_another_place_in_it_is_refused_by_name(ChannelKind kind, int honest, uint claimed, ProtocolOutcome expected)
    {
        bool claims = false;
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(kind, client: (_, message) => [claims && message[4] == (byte)MessageKind.Offer ? Claim(message, claimed) : message]);
        Task<ProtocolOutcome> serving = Serve(there);
        for (int i = 0; i < honest; i++)
        {
            Assert.Equal(ProtocolOutcome.Done, (await PrepareAsync(here)).Outcome);
        }
        claims = true;
        (ProtocolOutcome ofClient, ClientMaterial? material) = await PrepareAsync(here);
        Assert.Null(material);
        Assert.Equal(expected == ProtocolOutcome.WrongSize ? ProtocolOutcome.Closed : expected, ofClient);
        Assert.Equal(expected, await serving);
        Assert.Null(here.TakeBase());
        Assert.Null(there.TakeBase());
    }

    [Fact]
    public async Task What_an_earlier_session_of_the_line_said_ends_the_line()
    {
        byte[] earlier = [];
        int keys = 0;
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: (_, message) =>
        {
            if (message[4] != (byte)MessageKind.Keys)
            {
                return [message];
            }
            keys++;
            earlier = keys == 3 ? message : earlier;
            // The body of session 2, under the number that is due.
            return [keys == 4 ? [.. message[..Header], .. earlier[Header..]] : message];
        });
        Task<ProtocolOutcome> serving = Serve(there);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ProtocolOutcome.Done, (await PrepareAsync(here)).Outcome);
        }
        Assert.Equal(ProtocolOutcome.Closed, (await PrepareAsync(here)).Outcome);
        Assert.Equal(ProtocolOutcome.InconsistentTransfer, await serving);
        Assert.Null(there.TakeBase());
        Assert.Null(here.TakeBase());
    }

    [Fact]
    public async Task A_base_is_good_on_its_own_line_only()
    {
        (MemoryChannel Here, MemoryChannel There)[] lines = [MemoryChannel.Pair(), MemoryChannel.Pair()];
        Task<ProtocolOutcome>[] serving = [.. lines.Select(line => Serve(line.There))];
        foreach ((MemoryChannel here, _) in lines)
        {
            await PrepareAsync(here);
            await PrepareAsync(here);
        }
        LineBase first = lines[0].Here.TakeBase()!;
        Assert.Equal(first.Next, lines[1].Here.NextOnBase);
        lines[1].Here.Prepared(first);
        Assert.Equal(ProtocolOutcome.Closed, (await PrepareAsync(lines[1].Here)).Outcome);
        Assert.Equal(ProtocolOutcome.InconsistentTransfer, await serving[1]);
        // And its own line has none any more: it is over for whoever lost it.
        Assert.Equal(ProtocolOutcome.WrongBase, (await PrepareAsync(lines[0].Here)).Outcome);
        Assert.Equal(ProtocolOutcome.WrongBase, await serving[0]);
        // On a line that has none: a base that claims to go on.
        (MemoryChannel fresh, MemoryChannel end) = MemoryChannel.Pair();
        Task<ProtocolOutcome> refusing = Serve(end);
        LineBaseReceiver strange = new(new CorrelatedReceiver(default, TransferGeometry.SoftSpoken, new byte[512 * 16]));
        strange.Choose(default, new byte[16], new byte[LineBase.ChooseSize], new byte[128 * 16]);
        fresh.Prepared(strange);
        Assert.Equal(ProtocolOutcome.WrongBase, (await PrepareAsync(fresh)).Outcome);
        Assert.Equal(ProtocolOutcome.WrongBase, await refusing);
    }

    /// <summary>Messages of the second material, which begins the base, and of the third: changed, or the last before somebody leaves.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_is_changed_or_cut_off_has_a_name_and_leaves_neither_side_a_base(bool client)
    {
        Random random = new(client ? 51 : 52);
        int first = client ? OfClient : OfServer, last = (3 * first) + 1, named = 0;
        for (int number = first; number < last; number++)
        {
            foreach (bool leaves in number % 3 == 0 ? (bool[])[false, true] : [false])
            {
                MemoryChannel? mine = null;
                Func<int, byte[], byte[][]> change = (i, message) =>
                {
                    if (i == number && leaves)
                    {
                        mine!.DisposeAsync().AsTask().Wait();
                        return [message[..(message.Length / 2)]];
                    }
                    if (i == number && message.Length > Header)
                    {
                        message[random.Next(Header, message.Length)] ^= (byte)(1 << random.Next(8));
                    }
                    return [message];
                };
                (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(client: client ? change : null, server: client ? null : change);
                mine = client ? here : there;
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
                Task<ProtocolOutcome> serving = Serve(there, patience.Token);
                ProtocolOutcome outcome = ProtocolOutcome.Done;
                for (int i = 0; i < 3 && outcome == ProtocolOutcome.Done; i++)
                {
                    (outcome, ClientMaterial? material) = await s_parties.Client.PrepareAsync(here, TransferKind.SoftSpoken, patience.Token);
                    material?.Dispose();
                }
                await here.DisposeAsync();
                ProtocolOutcome served = await serving;
                Assert.True(Enum.IsDefined(outcome) && Enum.IsDefined(served) && served != ProtocolOutcome.Done);
                Assert.True(!leaves || (client ? served : outcome) == ProtocolOutcome.Closed, $"message {number}: {outcome}, {served}");
                Assert.Null(here.TakeBase());
                Assert.Null(there.TakeBase());
                named += outcome == ProtocolOutcome.Done ? 0 : 1;
            }
        }
        Assert.True(named > OfClient, $"{named} named");
    }

    [Fact]
    public async Task A_preparation_that_is_given_up_takes_the_base_with_it()
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        _ = Serve(there);
        await PrepareAsync(here);
        await PrepareAsync(here);
        Assert.Equal(2u, here.NextOnBase);
        using CancellationTokenSource leave = new();
        here.Before = () =>
        {
            if (here.Sent == (2 * OfClient) + 4)
            {
                leave.Cancel();
                leave.Token.ThrowIfCancellationRequested();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await s_parties.Client.PrepareAsync(here, TransferKind.SoftSpoken, leave.Token));
        Assert.Null(here.TakeBase());
        await here.DisposeAsync();
        // What comes back after the line is closed is wiped at once.
        here.Prepared(new LineBaseReceiver(default(Bytes32)));
        Assert.Null(here.TakeBase());
    }

    static Task<ProtocolOutcome> Serve(MemoryChannel there, CancellationToken cancellation = default) => Task.Run(
        async () =>
        {
            await using (there)
            {
                return await s_parties.Server.ServeAsync(there, cancellation);
            }
        },
        cancellation);

    static async Task<(ProtocolOutcome Outcome, ClientMaterial? Material)> PrepareAsync(MemoryChannel here)
    {
        // Somebody who waits for ever fails the test instead.
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        return await s_parties.Client.PrepareAsync(here, TransferKind.SoftSpoken, patience.Token);
    }

    static byte[] Claim(byte[] offer, uint number)
    {
        BitConverter.TryWriteBytes(offer.AsSpan(Base), number);
        return offer;
    }

    static void Note(byte[] message, List<uint> bases, List<int> keys)
    {
        if (message[4] == (byte)MessageKind.Offer && message[Header + 9] == (byte)ProtocolPhase.Offline)
        {
            bases.Add(BitConverter.ToUInt32(message, Base));
        }
        if (message[4] == (byte)MessageKind.Keys)
        {
            keys.Add(message.Length - Header);
        }
    }
}
