using System.Security.Cryptography;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Protocol;

/// <summary>Prepared material: good once, for its model, its session and its kind of channel, whatever dies when.</summary>
public sealed class MaterialTests : IDisposable
{
    static readonly TwoParties s_parties = new(TwoParties.Tiny());

    readonly string _path = Directory.CreateTempSubdirectory("funion-material-").FullName;
    readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    readonly RingTensor _input = TwoParties.Input(s_parties.Network, new Random(10));

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Material_that_went_to_disk_on_both_sides_works_as_before()
    {
        using MaterialFolder mine = Folder("client"), theirs = Folder("server");
        ClientMaterial prepared = await PrepareAsync();
        Bytes32 session = prepared.Session;
        mine.Keep(prepared);
        Assert.True(s_parties.Kept.Remove(session, out ServerMaterial? kept));
        theirs.Keep(kept!);
        Assert.Equal((session, session), (Assert.Single(mine.Sessions), Assert.Single(theirs.Sessions)));
        Assert.Equal(MaterialOutcome.Taken, mine.TryTake(s_parties.Client, session, ChannelKind.Direct, out ClientMaterial? material));
        Assert.Empty(mine.Sessions);
        TwoPartyServer server = new(s_parties.Model, () => null, id => theirs.TryTake(s_parties.Model, id, out ServerMaterial? found) == MaterialOutcome.Taken ? found : null);
        (ProtocolOutcome outcome, RingTensor? output) = await RunAsync(server, material!);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        Assert.Equal(s_parties.Network.Run(_input).ToSigned(), output!.ToSigned());
        Assert.Empty(theirs.Sessions);
        Assert.Empty(Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Material_is_good_once()
    {
        ClientMaterial material = await PrepareAsync();
        Assert.Equal(ProtocolOutcome.Done, (await RunAsync(s_parties.Server, material)).Outcome);
        (MemoryChannel here, _) = MemoryChannel.Pair();
        Assert.Equal(ProtocolOutcome.Spent, (await s_parties.Client.RunAsync(here, material, _input)).Outcome);
        Assert.Equal(0, here.Sent);
        using MaterialFolder folder = Folder("client");
        Assert.Throws<InvalidOperationException>(() => folder.Keep(material));
        // The server has forgotten it, whatever a client kept.
        ClientMaterial second = await PrepareAsync();
        Assert.True(s_parties.Kept.Remove(second.Session));
        Assert.Equal(ProtocolOutcome.UnknownSession, (await RunAsync(s_parties.Server, second)).Outcome);
    }

    [Fact]
    public async Task What_was_prepared_directly_is_refused_on_the_anonymous_channel_before_anything_is_sent()
    {
        ClientMaterial material = await PrepareAsync();
        using MaterialFolder folder = Folder("client");
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(ChannelKind.Anonymous);
        Assert.Equal(ProtocolOutcome.WrongChannel, (await s_parties.Client.RunAsync(here, material, _input)).Outcome);
        Assert.Equal(0, here.Sent);
        // From disk just so; and the file stays for the channel that it is for.
        Bytes32 session = material.Session;
        folder.Keep(material);
        Assert.Equal(MaterialOutcome.WrongChannel, folder.TryTake(s_parties.Client, session, ChannelKind.Anonymous, out _));
        Assert.Equal(MaterialOutcome.Taken, folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out ClientMaterial? again));
        // A client that lies about it finds the server's half bound as well, and gone.
        ClientMaterial lying = new(again!.Plan, session, ChannelKind.Anonymous, again.Transfer, again.Mask, again.Output, again.Batches, again.Quadratics);
        Task<ProtocolOutcome> serving = Task.Run(async () => await s_parties.Server.ServeAsync(there));
        Assert.Equal(ProtocolOutcome.WrongChannel, (await s_parties.Client.RunAsync(here, lying, _input)).Outcome);
        Assert.Equal(ProtocolOutcome.WrongChannel, await serving);
        Assert.DoesNotContain(session, s_parties.Kept.Keys);
    }

    [Fact]
    public async Task Two_sessions_have_nothing_in_common_that_the_server_sees()
    {
        ClientMaterial first = await PrepareAsync(ChannelKind.Anonymous), second = await PrepareAsync(ChannelKind.Anonymous);
        Assert.NotEqual(first.Session, second.Session);
        Assert.NotEqual(first.Mask.ToSigned(), second.Mask.ToSigned());
    }

    [Fact]
    public async Task Another_key_model_role_session_or_a_damaged_file_is_refused()
    {
        using MaterialFolder folder = Folder("client");
        ClientMaterial material = await PrepareAsync();
        Bytes32 session = material.Session;
        folder.Keep(material);
        string file = Directory.EnumerateFiles(Path.Combine(_path, "client")).Single();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        using MaterialFolder stranger = new(Path.Combine(_path, "client"), RandomNumberGenerator.GetBytes(32));
        Assert.Equal(MaterialOutcome.Malformed, stranger.TryTake(s_parties.Client, session, ChannelKind.Direct, out _));
        TwoPartyClient other = new(s_parties.Network with { OutputScale = 2 });
        Assert.Equal(MaterialOutcome.WrongModel, folder.TryTake(other, session, ChannelKind.Direct, out _));
        Assert.Equal(MaterialOutcome.WrongModel, folder.TryTake(s_parties.Model, session, out _));
        Bytes32 name = new(RandomNumberGenerator.GetBytes(32));
        Assert.Equal(MaterialOutcome.Missing, folder.TryTake(s_parties.Client, name, ChannelKind.Direct, out _));
        File.Copy(file, file.Replace(session.ToString(), name.ToString(), StringComparison.Ordinal));
        Assert.Equal(MaterialOutcome.WrongModel, folder.TryTake(s_parties.Client, name, ChannelKind.Direct, out _));
        byte[] whole = File.ReadAllBytes(file);
        Random random = new(11);
        for (int trial = 0; trial < 60; trial++)
        {
            byte[] bytes = trial % 3 == 0 ? whole[..random.Next(whole.Length)] : trial % 3 == 1 ? [.. whole, 0] : [.. whole];
            bytes.AsSpan(trial % 3 == 2 ? random.Next(whole.Length) : bytes.Length)[..(trial % 3 == 2 ? 1 : 0)].Fill((byte)(trial % 3 == 2 ? 0xa5 : 0));
            if (bytes.AsSpan().SequenceEqual(whole))
            {
                continue;
            }
            File.WriteAllBytes(file, bytes);
            Assert.Equal(MaterialOutcome.Malformed, folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out _));
        }
        File.WriteAllBytes(file, whole);
        using (FileStream held = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Equal(MaterialOutcome.InUse, folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out _));
        }
        Assert.Equal(MaterialOutcome.Taken, folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out _));
        Assert.Equal(MaterialOutcome.Missing, folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out _));
    }

    /// <summary>
    /// A client dies after each step of keeping and taking, and at each message of the online phase, and begins again with what is on disk. Its input goes out under one
    /// session at most once, and when it dies before taking has begun to delete, the material is still good.
    /// </summary>
    [Fact]
    public async Task Whenever_a_client_dies_its_material_is_used_once_at_most()
    {
        int rescued = 0, lost = 0;
        for (int step = 0; step < 14; step++)
        {
            ClientMaterial prepared = await PrepareAsync();
            Bytes32 session = prepared.Session;
            int countdown = step, offers = 0;
            // A life, then another one: the first dies at its step, the second does not.
            bool died = false;
            void Die()
            {
                if (!died && countdown-- == 0)
                {
                    died = true;
                    throw new InvalidOperationException("dead");
                }
            }
            ProtocolOutcome last = ProtocolOutcome.UnknownSession;
            for (int life = 0; life < 3; life++)
            {
                try
                {
                    using MaterialFolder folder = new(Path.Combine(_path, $"{step}"), _key) { Reached = _ => Die() };
                    if (life == 0)
                    {
                        folder.Keep(prepared);
                    }
                    if (folder.TryTake(s_parties.Client, session, ChannelKind.Direct, out ClientMaterial? material) == MaterialOutcome.Taken)
                    {
                        (last, _) = await RunAsync(s_parties.Server, material!, Die, () => offers++);
                    }
                }
                catch (InvalidOperationException dead) when (dead.Message == "dead")
                {
                }
            }
            Assert.InRange(offers, 0, 1);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(_path, $"{step}")));
            rescued += last == ProtocolOutcome.Done && died ? 1 : 0;
            lost += last != ProtocolOutcome.Done ? 1 : 0;
            s_parties.Kept.Remove(session);
        }
        // Kept but not taken, or taken but for the reading: good in the next life.
        Assert.Equal(2, rescued);
        Assert.True(lost > 6, $"{lost} lost");
    }

    /// <summary>The server's half dies in the same places: it answers for a session once at most.</summary>
    [Fact]
    public async Task Whenever_a_server_dies_its_material_answers_once_at_most()
    {
        for (int step = 0; step < 10; step++)
        {
            ClientMaterial prepared = await PrepareAsync();
            Bytes32 session = prepared.Session;
            Assert.True(s_parties.Kept.Remove(session, out ServerMaterial? kept));
            int countdown = step, answers = 0;
            bool died = false;
            for (int life = 0; life < 3; life++)
            {
                try
                {
                    using MaterialFolder folder = new(Path.Combine(_path, $"{step}"), _key);
                    folder.Reached = _ =>
                    {
                        if (!died && countdown-- == 0)
                        {
                            died = true;
                            throw new InvalidOperationException("dead");
                        }
                    };
                    if (life == 0)
                    {
                        folder.Keep(kept!);
                    }
                    answers += folder.TryTake(s_parties.Model, session, out _) == MaterialOutcome.Taken ? 1 : 0;
                }
                catch (InvalidOperationException dead) when (dead.Message == "dead")
                {
                }
            }
            Assert.InRange(answers, 0, 1);
            // Nothing died: it answered. Cut off while it was whole: the next life answers.
            Assert.True(answers == 1 || step is 0 or 1 or 4 or 5 or 6, $"step {step}");
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(_path, $"{step}")));
            prepared.Dispose();
        }
    }

    MaterialFolder Folder(string name) => new(Path.Combine(_path, name), _key);

    static async Task<ClientMaterial> PrepareAsync(ChannelKind kind = ChannelKind.Direct)
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(kind);
        Task<ProtocolOutcome> serving = Task.Run(async () => await s_parties.Server.ServeAsync(there));
        (ProtocolOutcome outcome, ClientMaterial? material) = await s_parties.Client.PrepareAsync(here, TransferKind.SoftSpoken);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        await here.DisposeAsync();
        await serving;
        return material!;
    }

    async Task<(ProtocolOutcome Outcome, RingTensor? Output)> RunAsync(TwoPartyServer server, ClientMaterial material, Action? before = null, Action? offered = null)
    {
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair(material.Channel, client: (i, message) =>
        {
            if (i == 0)
            {
                offered?.Invoke();
            }
            return [message];
        });
        here.Before = before;
        Task<ProtocolOutcome> serving = Task.Run(async () =>
        {
            await using (there)
            {
                return await server.ServeAsync(there);
            }
        });
        try
        {
            return await s_parties.Client.RunAsync(here, material, _input);
        }
        finally
        {
            await here.DisposeAsync();
            await serving;
        }
    }
}
