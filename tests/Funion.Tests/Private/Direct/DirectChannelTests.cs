using System.Security.Cryptography;
using Funion.Network;
using Funion.Private.Direct;
using Funion.Private.Protocol;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Private.Direct;

/// <summary>The direct channel: who answers is the provider, and what comes is what it sent, or nothing does.</summary>
public sealed class DirectChannelTests : IDisposable
{
    readonly NodeKeys _keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, 1, 2), _others = NodeKeys.Generate(NodeRole.Compute, 0, 1, 1, 2);

    [Fact]
    public async Task What_is_written_on_one_side_is_read_on_the_other()
    {
        (SealedStream here, SealedStream there) = await GreetAsync();
        foreach (int size in (int[])[1, 9, 1 << 18, (1 << 18) + 1, 3_000_001])
        {
            byte[] sent = RandomNumberGenerator.GetBytes(size), up = new byte[size], down = new byte[size];
            Task writing = Task.WhenAll(here.WriteAsync(sent).AsTask(), there.WriteAsync(sent).AsTask());
            await Task.WhenAll(there.ReadExactlyAsync(up).AsTask(), here.ReadExactlyAsync(down).AsTask());
            await writing;
            Assert.Equal(sent, up);
            Assert.Equal(sent, down);
        }
        await there.DisposeAsync();
        Assert.Equal(0, await here.ReadAsync(new byte[1]));
        Assert.False(here.WasChanged);
    }

    [Fact]
    public async Task Another_nodes_key_proves_nothing()
    {
        (Line here, Line there) = Line.Pair();
        Task<(DirectOutcome, SealedStream?)> answering = DirectHandshake.AnswerAsync(there, _keys.Id, _others.IdentitySeed, _others.IdentityKey, default).AsTask();
        Assert.Equal(DirectOutcome.NotTheProvider, (await DirectHandshake.GreetAsync(here, _keys.Describe(), default)).Outcome);
        await answering;
    }

    [Fact]
    public async Task No_bit_of_either_message_can_be_flipped()
    {
        for (int at = 0; at < 41 + 96; at++)
        {
            int bit = at % 8;
            (Line here, Line there) = Line.Pair(
                (_, bytes) => at < 41 ? Flip(bytes, at, bit) : bytes, (_, bytes) => at >= 41 ? Flip(bytes, at - 41, bit) : bytes);
            Task<(DirectOutcome Outcome, SealedStream? Stream)> answering = AnswerAsync(there);
            Task<(DirectOutcome Outcome, SealedStream? Stream)> greeting = DirectHandshake.GreetAsync(here, _keys.Describe(), default).AsTask();
            // One that is not answered is told by the end of its line.
            if ((await answering).Outcome != DirectOutcome.Ok)
            {
                await there.DisposeAsync();
            }
            Assert.NotEqual(DirectOutcome.Ok, (await greeting).Outcome);
        }
    }

    [Fact]
    public async Task A_proof_of_another_connection_is_none()
    {
        byte[]? kept = null;
        await GreetAsync((_, bytes) => kept ??= bytes);
        (Line here, Line there) = Line.Pair();
        await there.WriteAsync(kept!);
        Assert.Equal(DirectOutcome.NotTheProvider, (await DirectHandshake.GreetAsync(here, _keys.Describe(), default)).Outcome);
    }

    [Fact]
    public async Task Who_stands_between_with_keys_of_its_own_has_no_proof()
    {
        // The middle greets the provider for itself, and passes the proof on.
        (Line client, Line middleHere) = Line.Pair();
        (Line middleThere, Line provider) = Line.Pair();
        Task<(DirectOutcome Outcome, SealedStream? Stream)> greeting = DirectHandshake.GreetAsync(client, _keys.Describe(), default).AsTask();
        Task<(DirectOutcome, SealedStream?)> answering = AnswerAsync(provider);
        byte[] hello = new byte[41], proof = new byte[96];
        await middleHere.ReadExactlyAsync(hello);
        RandomNumberGenerator.Fill(hello.AsSpan(9));
        await middleThere.WriteAsync(hello);
        await middleThere.ReadExactlyAsync(proof);
        await middleHere.WriteAsync(proof);
        await answering;
        Assert.Equal(DirectOutcome.NotTheProvider, (await greeting).Outcome);
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("repeated")]
    [InlineData("swapped")]
    [InlineData("dropped")]
    [InlineData("length")]
    public async Task A_record_that_is_not_the_next_one_is_never_read(string how)
    {
        byte[] held = [];
        (SealedStream here, SealedStream there) = await GreetAsync((write, bytes) => (how, write) switch
        {
            ("flipped", 1) => Flip(bytes, 10, 3),
            ("repeated", 2) => [.. bytes, .. bytes],
            ("swapped", 1) => Hold(bytes),
            ("swapped", 2) => [.. bytes, .. held],
            ("dropped", 1) => [],
            ("length", 1) => [0xff, 0xff, 0xff, 0x7f, .. bytes.AsSpan(4)],
            _ => bytes,
        });
        for (int i = 0; i < 4; i++)
        {
            await there.WriteAsync(new byte[] { (byte)i });
        }
        byte[] one = new byte[1];
        int read = 0;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (; read < 5; read++)
            {
                await here.ReadExactlyAsync(one);
                Assert.Equal(read, one[0]);
            }
        });
        Assert.True(here.WasChanged);
        await Assert.ThrowsAsync<IOException>(async () => await here.ReadExactlyAsync(one));

        byte[] Hold(byte[] bytes)
        {
            held = bytes;
            return [];
        }
    }

    [Fact]
    public async Task A_line_that_is_cut_ends()
    {
        (SealedStream here, SealedStream there) = await GreetAsync((write, bytes) => write == 1 ? bytes[..^1] : bytes);
        await there.WriteAsync(new byte[100]);
        await there.DisposeAsync();
        Assert.Equal(0, await here.ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData("tiny", 0, DirectOutcome.Ok, ArchitectureOutcome.Ok)]
    [InlineData("tiny", 1, DirectOutcome.Ok, ArchitectureOutcome.WrongDigest)]
    [InlineData("nothing", 0, DirectOutcome.NoSuchModel, default(ArchitectureOutcome))]
    [InlineData("a name that is longer than what the question holds, which no model has", 0, DirectOutcome.NoSuchModel, default(ArchitectureOutcome))]
    public async Task A_model_is_asked_for_by_name_and_held_to_its_promised_architecture(string name, byte flip, DirectOutcome expected, ArchitectureOutcome architecture)
    {
        ServerModel model = new(TwoParties.Tiny());
        Bytes32 promised = new(Flip(ArchitectureFormat.Digest(model.Network).AsSpan().ToArray(), 7, flip == 0 ? null : 0));
        (SealedStream here, SealedStream there) = await GreetAsync();
        Task<ServerModel?> answering = ModelGreeting.AnswerAsync(there, asked => asked == "tiny" ? model : null, default).AsTask();
        (DirectOutcome outcome, ArchitectureOutcome read, TwoPartyClient? client) = await ModelGreeting.AskAsync(here, name, promised, default);
        Assert.Equal((expected, architecture), (outcome, read));
        Assert.Equal(expected == DirectOutcome.Ok && architecture == ArchitectureOutcome.Ok, client is not null);
        await here.DisposeAsync();
        Assert.Equal(name == "tiny", await answering is not null);
    }

    [Fact]
    public async Task A_length_out_of_all_proportion_takes_no_memory()
    {
        (SealedStream here, SealedStream there) = await GreetAsync();
        await there.WriteAsync(new byte[] { 1, 0, 0, 0, 0x7f });
        Assert.Equal(
            (DirectOutcome.Ok, ArchitectureOutcome.TooLarge, null), await ModelGreeting.AskAsync(here, "tiny", default, default));
    }

    [Fact]
    public async Task Misuse_is_told()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await DirectHandshake.GreetAsync(null!, _keys.Describe(), default));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await DirectHandshake.AnswerAsync(Stream.Null, _keys.Id, null!, _keys.IdentityKey, default));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await ModelGreeting.AskAsync(null!, "x", default, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SealedStream(Stream.Null, new byte[31], new byte[32]));
        Assert.Throws<NotSupportedException>(() => new SealedStream(Stream.Null, new byte[32], new byte[32]).ReadByte());
    }

    public void Dispose()
    {
        _keys.Dispose();
        _others.Dispose();
    }

    async Task<(SealedStream Client, SealedStream Server)> GreetAsync(Func<int, byte[], byte[]>? server = null)
    {
        (Line here, Line there) = Line.Pair(server: server);
        Task<(DirectOutcome Outcome, SealedStream? Stream)> answering = AnswerAsync(there);
        (DirectOutcome outcome, SealedStream? stream) = await DirectHandshake.GreetAsync(here, _keys.Describe(), default);
        Assert.Equal((DirectOutcome.Ok, DirectOutcome.Ok), (outcome, (await answering).Outcome));
        return (stream!, (await answering).Stream!);
    }

    Task<(DirectOutcome Outcome, SealedStream? Stream)> AnswerAsync(Stream line) =>
        DirectHandshake.AnswerAsync(line, _keys.Id, _keys.IdentitySeed, _keys.IdentityKey, default).AsTask();

    static byte[] Flip(byte[] bytes, int at, int? bit)
    {
        byte[] changed = [.. bytes];
        if (bit is { } flipped)
        {
            changed[at] ^= (byte)(1 << flipped);
        }
        return changed;
    }
}
