using System.Collections.Concurrent;
using System.Security.Cryptography;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.LocalNetwork;
using Funion.Cli.TwoParty;
using Funion.Contracts;
using Funion.Inference;
using Funion.Private.Anonymous;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Private.Anonymous;

/// <summary>Sessions in jobs that are lost, overtake each other and come twice.</summary>
public sealed class AnonymousSessionTests : IDisposable
{
    const string Model = "tiny/two-party";

    /// <summary>Small, so that a session is many jobs.</summary>
    const int Size = 3_000;

    static readonly IntegerNetwork s_network = TwoParties.Tiny();

    readonly VirtualTime _time = new();
    readonly TwoPartyClient _client = new(s_network);
    AnonymousProvider _provider;

    public AnonymousSessionTests() => _provider = NewProvider();

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(3, false, false)]
    [InlineData(0, true, false)]
    [InlineData(4, true, true)]
    public async Task A_question_is_the_references_whatever_becomes_of_single_jobs(int lostEvery, bool shuffled, bool twice)
    {
        Random random = new(lostEvery + (shuffled ? 1 : 0));
        ConcurrentDictionary<string, int> seen = [];
        await using AnonymousChannel channel = new(Size, async (segment, _) =>
        {
            string content = Convert.ToHexString(SHA256.HashData(segment.Span));
            bool first = seen.TryAdd(content, seen.Count);
            if (shuffled)
            {
                // Others go first: as many turns as chance says.
                for (int turns = random.Next(6); turns > 0; turns--)
                {
                    await Task.Yield();
                }
            }
            ReadOnlyMemory<byte> answer = await AskAsync(segment, twice);
            // What is lost once comes the second time.
            return lostEvery > 0 && first && seen[content] % lostEvery == 1 ? default(ReadOnlyMemory<byte>?) : answer;
        });
        RingTensor input = TwoParties.Input(s_network, new Random(1));
        Assert.Equal(s_network.Run(input).Elements.ToArray(), await QuestionAsync(channel, input));
        Assert.True(channel.Jobs > 20, $"{channel.Jobs} jobs");
    }

    [Fact]
    public async Task Material_of_one_session_is_used_in_another_and_nothing_but_its_name_links_them()
    {
        HashSet<Bytes32> names = [];
        RingTensor input = TwoParties.Input(s_network, new Random(2));
        ClientMaterial? material;
        await using (AnonymousChannel channel = new(Size, Noting))
        {
            (_, material) = await _client.PrepareAsync(channel, TransferKind.SoftSpoken);
        }
        Assert.Single(names);
        await using AnonymousChannel second = new(Size, Noting);
        (ProtocolOutcome outcome, RingTensor? output) = await _client.RunAsync(second, material!, input);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        Assert.Equal(s_network.Run(input).Elements.ToArray(), output!.Elements.ToArray());
        Assert.Equal(2, names.Count);
        // Of the material's session there is nothing left.
        await using AnonymousChannel third = new(Size, Noting);
        Assert.Equal(ProtocolOutcome.Spent, (await _client.RunAsync(third, material!, input)).Outcome);

        async Task<ReadOnlyMemory<byte>?> Noting(ReadOnlyMemory<byte> segment, CancellationToken _)
        {
            Assert.True(Segment.TryReadUp(segment, out var up));
            names.Add(up.Session);
            return await AskAsync(segment);
        }
    }

    [Fact]
    public async Task What_was_prepared_on_one_channel_is_refused_on_the_other_before_a_job_or_a_message_goes_out()
    {
        string path = Directory.CreateTempSubdirectory("funion-bound-").FullName;
        try
        {
            using MaterialFolder folder = new(path, new byte[32]);
            await using AnonymousChannel channel = new(Size, async (segment, _) => await AskAsync(segment));
            using ClientMaterial anonymous = (await _client.PrepareAsync(channel, TransferKind.SoftSpoken)).Material!;
            (MemoryChannel here, _) = MemoryChannel.Pair();
            Assert.Equal(ProtocolOutcome.WrongChannel, (await _client.RunAsync(here, anonymous, TwoParties.Input(s_network, new Random(1)))).Outcome);
            Assert.Equal(0, here.Sent);
            folder.Keep(anonymous);
            Assert.Null(PreparedMaterial.Take(folder, _client, ChannelKind.Direct, Nothing));
            ClientMaterial direct = await PrepareDirectlyAsync();
            await using AnonymousChannel silent = new(Size, (_, _) => throw new InvalidOperationException("A job went out."));
            Assert.Equal(ProtocolOutcome.WrongChannel, (await _client.RunAsync(silent, direct, TwoParties.Input(s_network, new Random(1)))).Outcome);
            Assert.Equal(0, silent.Jobs);
            // Nor from disk: of the two files the one for this channel is taken, and the other stays.
            folder.Keep(direct);
            using ClientMaterial? taken = PreparedMaterial.Take(folder, _client, ChannelKind.Anonymous, Nothing);
            Assert.Equal(anonymous.Session, taken!.Session);
            Assert.Null(PreparedMaterial.Take(folder, _client, ChannelKind.Anonymous, Nothing));
            Assert.Equal(direct.Session, Assert.Single(folder.Sessions));
            Assert.Equal((1, 0), (folder.Count(_client, ChannelKind.Direct), folder.Count(_client, ChannelKind.Anonymous)));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Of one model's material and another's, and of what is damaged: what is announced before questions is what they will need.</summary>
    [Fact]
    public async Task What_is_announced_is_what_is_not_prepared_for_this_model_and_what_is_damaged_goes()
    {
        string path = Directory.CreateTempSubdirectory("funion-announced-").FullName;
        try
        {
            using MaterialFolder folder = new(path, new byte[32]);
            using StringWriter said = new();
            AskingRequest request = new() { Output = new Output(TextWriter.Null, said, json: false), Model = "tiny", Network = "n.json" };
            await using AnonymousChannel channel = new(Size, async (segment, _) => await AskAsync(segment));
            using ClientMaterial material = (await _client.PrepareAsync(channel, TransferKind.SoftSpoken)).Material!;
            folder.Keep(material);
            Random random = new(7);
            TwoPartyClient other = new(s_network with { Layers = [.. s_network.Layers.Take(2), TwoParties.Linear("last", 2, ConvolutionShape.FullyConnected(8, 4), random)] });
            Assert.Equal((1, 0), (folder.Count(_client, ChannelKind.Anonymous), folder.Count(other, ChannelKind.Anonymous)));
            Announce(_client, 1);
            Assert.Equal("", said.ToString());
            Announce(other, 1);
            Assert.Contains("nothing is prepared", said.ToString(), StringComparison.Ordinal);
            Announce(_client, 3);
            Assert.Contains("1 of 3 runs are prepared", said.ToString(), StringComparison.Ordinal);
            Assert.Contains("--count 2 --network n.json", said.ToString(), StringComparison.Ordinal);
            string file = Assert.Single(Directory.GetFiles(path));
            byte[] bytes = File.ReadAllBytes(file);
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.Null(PreparedMaterial.Take(folder, other, ChannelKind.Anonymous, Assert.Fail));
            Assert.Null(PreparedMaterial.Take(folder, _client, ChannelKind.Anonymous, said.WriteLine));
            Assert.Contains("damaged", said.ToString(), StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(path));

            void Announce(TwoPartyClient client, int questions) =>
                PreparedMaterial.Announce(request, LocalModel.Entry("tiny", new string('0', 64), [], [], null, 30_000, [TimeSpan.FromSeconds(1)], 1), folder, client, ChannelKind.Anonymous, questions);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public async Task Every_answer_has_one_size_and_what_is_no_piece_is_answered_with_a_failure()
    {
        byte[] piece = Segment.Up(Size, Segment.Piece, default, 0, 0, [1, 2, 3]), noise = new byte[Size];
        new Random(1).NextBytes(noise);
        IReadOnlyList<byte[]> answers = await _provider.RunAsync(
            Model, [Encoded(piece), Encoded(noise), Encoded(Segment.Up(Size, Segment.Architecture, default, 0, 0, [])), new byte[] { 1, 2 }]);
        Assert.Equal(answers[0].Length, answers[2].Length);
        Assert.Equal(InferenceFailure.WrongInput, InferenceAnswer.TryParse(answers[1])!.Failure);
        Assert.Equal(InferenceFailure.WrongInput, InferenceAnswer.TryParse(answers[3])!.Failure);
    }

    [Fact]
    public async Task A_provider_that_begins_anew_is_noticed()
    {
        int asked = 0;
        await using AnonymousChannel channel = new(Size, async (segment, _) =>
        {
            if (++asked == 8)
            {
                _provider.Dispose();
                _provider = NewProvider();
            }
            return await AskAsync(segment);
        });
        Assert.Equal(ProtocolOutcome.Closed, (await _client.PrepareAsync(channel, TransferKind.SoftSpoken)).Outcome);
    }

    [Fact]
    public async Task Sessions_are_bounded_and_go_when_nobody_comes_back()
    {
        using AnonymousProvider provider = NewProvider(mostSessions: 3);
        for (byte i = 0; i < 20; i++)
        {
            byte[] name = new byte[Bytes32.Size];
            name[0] = i;
            await provider.RunAsync(Model, [Encoded(Segment.Up(Size, Segment.Piece, new Bytes32(name), 0, 0, [1]))]);
            Assert.InRange(provider.Sessions, 1, 3);
        }
        _time.Advance(TimeSpan.FromHours(2));
        await provider.RunAsync(Model, [Encoded(Segment.Up(Size, Segment.Piece, default, 0, 0, [1]))]);
        Assert.Equal(1, provider.Sessions);
    }

    [Fact]
    public async Task Who_only_begins_sessions_displaces_none_that_is_under_way_and_those_that_rest_go_first()
    {
        using AnonymousProvider provider = NewProvider(mostSessions: 3);
        int flooded = 0;
        await using AnonymousChannel channel = new(Size, async (segment, _) =>
        {
            IReadOnlyList<byte[]> answers = await provider.RunAsync(Model, [Encoded(segment.ToArray())]);
            // From the first piece on an offer is there.
            for (int i = 0; i < 4; i++)
            {
                byte[] name = new byte[Bytes32.Size];
                BitConverter.TryWriteBytes(name, ++flooded);
                await provider.RunAsync(Model, [Encoded(Segment.Up(Size, Segment.Piece, new Bytes32(name), 0, 0, [1]))]);
            }
            return InferenceAnswer.TryParse(answers[0])!.Tensors![0].Data;
        });
        Assert.Equal(ProtocolOutcome.Done, (await _client.PrepareAsync(channel, TransferKind.SoftSpoken)).Outcome);
        Assert.True(flooded > 20, $"{flooded} sessions");
    }

    [Fact]
    public async Task What_rests_goes_after_minutes_and_what_is_under_way_after_an_hour()
    {
        using AnonymousProvider provider = NewProvider();
        await using AnonymousChannel whole = Channel(provider, most: int.MaxValue), half = Channel(provider, most: 8);
        Assert.Equal(ProtocolOutcome.Done, (await _client.PrepareAsync(whole, TransferKind.SoftSpoken)).Outcome);
        Assert.Equal(ProtocolOutcome.Closed, (await _client.PrepareAsync(half, TransferKind.SoftSpoken)).Outcome);
        Assert.Equal(2, provider.Sessions);
        _time.Advance(TimeSpan.FromMinutes(11));
        await provider.RunAsync(Model, [Encoded(Segment.Up(Size, Segment.Piece, default, 0, 0, [1]))]);
        Assert.Equal(2, provider.Sessions);
        _time.Advance(TimeSpan.FromMinutes(61));
        await provider.RunAsync(Model, [Encoded(Segment.Up(Size, Segment.Piece, new Bytes32([1, .. new byte[31]]), 0, 0, [1]))]);
        Assert.Equal(1, provider.Sessions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_server_that_always_says_later_gets_no_endless_row_of_jobs(int bytesOfAnswer)
    {
        await using AnonymousChannel channel = new(Size, async (segment, _) =>
        {
            Assert.True(Segment.TryReadDown(await AskAsync(segment), out var down));
            // All of the client's is taken; of the server's comes nothing, or a byte at a time.
            ReadOnlyMemory<byte> some = down.Bytes[..Math.Min(bytesOfAnswer, down.Bytes.Length)];
            return Segment.Down(Size, Segment.Open, down.Taken, down.Offset + some.Length, down.Offset, some.Span);
        });
        Assert.Equal(ProtocolOutcome.Closed, (await _client.PrepareAsync(channel, TransferKind.SoftSpoken)).Outcome);
        Assert.InRange(channel.Jobs, 30, 120);
    }

    [Fact]
    public void Pieces_in_any_order_some_of_them_twice_are_the_stream()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            byte[] stream = new byte[random.Next(1, 500)], read = new byte[stream.Length];
            random.NextBytes(stream);
            OrderedBytes bytes = new(1 << 10);
            int done = 0;
            while (done < stream.Length)
            {
                int offset = random.Next(stream.Length), length = random.Next(1, Math.Min(64, stream.Length - offset) + 1);
                bytes.Add(offset, stream.AsSpan(offset, length));
                int count = random.Next(bytes.Available + 1);
                bytes.Read(read.AsSpan(done, count));
                done += count;
            }
            Assert.Equal(stream, read);
        }
        OrderedBytes bounded = new(10);
        bounded.Add(5, new byte[6]);
        bounded.Add(0, new byte[5]);
        Assert.Equal(5, bounded.Taken);
    }

    [Fact]
    public void A_segment_just_fills_the_boxes_of_a_job()
    {
        foreach (int box in (int[])[1_700, 7_677, 29_677])
        {
            int size = AnonymousProvider.SegmentSize(box);
            Assert.Equal(AnonymousProvider.Boxes, SizeClass.Boxes([new(AnonymousProvider.TensorName, "UINT8", [size])], box));
            Assert.Equal(AnonymousProvider.Boxes + 1, SizeClass.Boxes([new(AnonymousProvider.TensorName, "UINT8", [size + 1])], box));
        }
    }

    public void Dispose() => _provider.Dispose();

    AnonymousProvider NewProvider(int mostSessions = 64) => new(
        new Dictionary<string, IntegerNetwork> { [Model] = s_network }, new MaterialShelf(ShelfLimits.Memory.Nameless, _time), _time, mostSessions);

    static AnonymousChannel Channel(AnonymousProvider provider, int most)
    {
        int asked = 0;
        return new(Size, async (segment, _) => ++asked > most
            ? default(ReadOnlyMemory<byte>?)
            : InferenceAnswer.TryParse((await provider.RunAsync(Model, [Encoded(segment.ToArray())]))[0])!.Tensors![0].Data);
    }

    static byte[] Encoded(byte[] segment) =>
        TensorCodec.Encode([Tensor.TryCreate(AnonymousProvider.TensorName, Datatype.UInt8, [segment.Length], segment)!]);

    async Task<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> segment, bool twice = false)
    {
        byte[] job = Encoded(segment.ToArray());
        IReadOnlyList<byte[]> answers = await _provider.RunAsync(Model, twice ? [job, job] : [job]);
        return InferenceAnswer.TryParse(answers[^1])!.Tensors![0].Data;
    }

    async Task<ulong[]> QuestionAsync(AnonymousChannel channel, RingTensor input)
    {
        (ProtocolOutcome prepared, ClientMaterial? material) = await _client.PrepareAsync(channel, TransferKind.SoftSpoken);
        Assert.Equal(ProtocolOutcome.Done, prepared);
        (ProtocolOutcome outcome, RingTensor? output) = await _client.RunAsync(channel, material!, input);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        return output!.Elements.ToArray();
    }

    async Task<ClientMaterial> PrepareDirectlyAsync()
    {
        TwoParties parties = new(s_network);
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
        Task<ProtocolOutcome> serving = Task.Run(async () => await parties.Server.ServeAsync(there));
        ClientMaterial material = (await _client.PrepareAsync(here, TransferKind.SoftSpoken)).Material!;
        await here.DisposeAsync();
        await serving;
        return material;
    }

    static void Nothing(string note) => Assert.Fail(note);
}
