using Funion.Hosting;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Hosting;

/// <summary>What a node believes of itself: the document, held to the pin and to the last one accepted, and its keys.</summary>
public sealed class NodeHostTests : IDisposable
{
    const string Self = "mix-1-0", To = "mix-2-0";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20), s_reread = TimeSpan.FromMinutes(5);

    readonly HostStage _stage = new();

    [Fact]
    public async Task A_node_is_what_document_and_keys_say()
    {
        foreach (NodeDescriptor node in _stage.Document.Nodes.Where(node => node.Role != NodeRole.Compute))
        {
            await using NodeHost host = _stage.Host(node.Name);
            NodeGeneration generation = await host.CurrentAsync(default);
            Assert.Equal((node.Id, node.Role), (generation.Parts.Descriptor.Id, host.Settings.Role));
            Assert.Equal(_stage.Document.Hash(), generation.Signed.Document.Hash());
            Assert.Contains(QueueNames.In(node.Role), generation.Triggers.Queues);
        }
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "nothing", "none can be read" },
        { "rubbish", nameof(DocumentVerdict.Malformed) },
        { "unsigned", nameof(DocumentVerdict.NotEnoughSignatures) },
        { "signed by another authority", nameof(DocumentVerdict.NotEnoughSignatures) },
        { "a forged signature", nameof(DocumentVerdict.SignatureInvalid) },
        { "of another network", nameof(DocumentVerdict.OtherNetwork) },
        { "expired", nameof(DocumentVerdict.Expired) },
        { "not yet valid", nameof(DocumentVerdict.NotYetValid) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_document_that_is_no_good_is_refused_and_the_node_is_not_ready(string what, string why)
    {
        using AuthorityKeys stranger = AuthorityKeys.Generate();
        SignedNetworkDocument unsigned = NetworkAuthority.Unsigned(_stage.Document), good = unsigned.AddSignature(_stage.Plan.Authority);
        switch (what)
        {
            case "nothing":
                File.Delete(_stage.DocumentFile);
                break;
            case "rubbish":
                File.WriteAllText(_stage.DocumentFile, "{}");
                break;
            case "unsigned":
                _stage.Publish(unsigned);
                break;
            case "signed by another authority":
                _stage.Publish(unsigned.AddSignature(stranger));
                break;
            case "a forged signature":
                _stage.Publish(new SignedNetworkDocument(_stage.Document, [new DocumentSignature(_stage.Plan.Authority.PublicKey, new byte[64])]));
                break;
            case "of another network":
                _stage.Publish(NetworkAuthority.Unsigned(_stage.Document with { Name = "other" }).AddSignature(_stage.Plan.Authority));
                break;
            case "expired":
                _stage.Time.AdvanceTo(_stage.Document.ValidUntil);
                break;
            default:
                _stage.Publish(NetworkAuthority.Unsigned(_stage.Document with { ValidAfter = _stage.Document.ValidAfter.AddHours(1) }).AddSignature(_stage.Plan.Authority));
                break;
        }
        await using NodeHost host = _stage.Host(Self);
        PortUnavailableException error = await Assert.ThrowsAsync<PortUnavailableException>(async () => await host.CurrentAsync(default));
        Assert.EndsWith($": {why}.", error.Message, StringComparison.Ordinal);
        Assert.False(await host.HandleAsync(Held(TimeSpan.Zero), default));
        // Nobody's timers fail for it.
        await host.DrawAsync(default);
        await host.SweepAsync(default);
        // And soon after there is a good one, the node is ready.
        if (what is not ("expired" or "not yet valid"))
        {
            _stage.Publish(good);
            await Assert.ThrowsAsync<PortUnavailableException>(async () => await host.CurrentAsync(default));
            _stage.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(1, (await host.CurrentAsync(default)).Signed.Document.Version);
        }
    }

    [Fact]
    public async Task An_older_document_is_refused_by_a_fresh_host_too()
    {
        SignedNetworkDocument first = _stage.Plan.Sign(), second = _stage.Next(document => document with { SlackMilliseconds = 20_000 });
        _stage.Publish(second);
        await using (NodeHost host = _stage.Host(Self))
        {
            Assert.Equal(2, (await host.CurrentAsync(default)).Signed.Document.Version);
            // This one goes on with what it has.
            _stage.Publish(first);
            _stage.Time.Advance(s_reread);
            Assert.Equal(2, (await host.CurrentAsync(default)).Signed.Document.Version);
        }
        await using NodeHost fresh = _stage.Host(Self);
        PortUnavailableException error = await Assert.ThrowsAsync<PortUnavailableException>(async () => await fresh.CurrentAsync(default));
        Assert.Contains(nameof(DocumentVerdict.OlderThanKnown), error.Message, StringComparison.Ordinal);
        // Two documents of one version: somebody made two networks.
        _stage.Publish(first);
        _stage.PublishNext(document => document with { SlackMilliseconds = 25_000 });
        _stage.Time.Advance(TimeSpan.FromSeconds(5));
        error = await Assert.ThrowsAsync<PortUnavailableException>(async () => await fresh.CurrentAsync(default));
        Assert.Contains(nameof(DocumentVerdict.ConflictsWithKnown), error.Message, StringComparison.Ordinal);
        _stage.Publish(second);
        _stage.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(20_000, (await fresh.CurrentAsync(default)).Signed.Document.SlackMilliseconds);
    }

    [Fact]
    public async Task A_document_that_ends_without_a_next_one_ends_the_node()
    {
        await using NodeHost host = _stage.Host(Self);
        await host.CurrentAsync(default);
        _stage.Time.AdvanceTo(_stage.Document.ValidUntil - TimeSpan.FromMinutes(2));
        await host.CurrentAsync(default);
        _stage.Time.AdvanceTo(_stage.Document.ValidUntil - TimeSpan.FromTicks(1));
        await host.CurrentAsync(default);
        _stage.Time.AdvanceTo(_stage.Document.ValidUntil);
        PortUnavailableException error = await Assert.ThrowsAsync<PortUnavailableException>(async () => await host.CurrentAsync(default));
        Assert.Contains(nameof(DocumentVerdict.Expired), error.Message, StringComparison.Ordinal);
        // The next one, however late.
        Assert.True(_stage.Plan.Advance(_stage.Time.GetUtcNow(), _stage.Folder));
        _stage.Publish(_stage.Plan.Sign());
        _stage.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, (await host.CurrentAsync(default)).Signed.Document.Version);
    }

    [Fact]
    public async Task A_next_document_with_new_keys_is_taken_over_within_minutes()
    {
        await using NodeHost host = _stage.Host(Self);
        _stage.Time.AdvanceTo(_stage.Document.EpochStart(_stage.Document.Epoch + 1));
        NodeGeneration first = await host.CurrentAsync(default);
        Assert.True(_stage.Plan.Advance(_stage.Time.GetUtcNow(), _stage.Folder));
        _stage.Publish(_stage.Plan.Sign());
        _stage.Time.Advance(s_reread - TimeSpan.FromSeconds(1));
        Assert.Same(first, await host.CurrentAsync(default));
        // Under way in the last generation when the next begins.
        Delivery held = Held(TimeSpan.FromSeconds(3));
        Task<bool> handled = host.HandleAsync(held, default).AsTask();
        _stage.Time.Advance(TimeSpan.FromSeconds(1));
        NodeGeneration second = await host.CurrentAsync(default);
        Assert.Equal(2, second.Signed.Document.Version);
        Assert.True(first.Ended.IsCancellationRequested);
        Assert.False(second.Ended.IsCancellationRequested || handled.IsCompleted);
        _stage.Time.Advance(TimeSpan.FromSeconds(2));
        // The host delivers it again, and the next generation sends it.
        Assert.False(await handled.WaitAsync(s_patience));
        Assert.Equal(0, await _stage.Ports(To).Queue.CountAsync(QueueNames.MixIn, default));
        Assert.True(await host.HandleAsync(held, default).AsTask().WaitAsync(s_patience));
        Assert.Equal(1, await _stage.Ports(To).Queue.CountAsync(QueueNames.MixIn, default));
        // The same document and keys are the same generation.
        _stage.Time.AdvanceTo(_stage.Document.EpochStart(_stage.Document.Epoch + 1) - (_stage.Document.KeyGrace / 2));
        Assert.Same(second, await host.CurrentAsync(default));
        // And it peels what is for a key that the first did not have.
        byte[] packet = _stage.Packet(100, _stage.Document.Epoch + 1);
        Assert.True(await host.HandleAsync(new Delivery(QueueNames.MixIn, "1", "r", packet, 1), default));
        Assert.Equal((0, 1), (second.Parts.Counters.Refused, await _stage.Ports(Self).Queue.CountAsync(QueueNames.MixOut, default)));
    }

    [Fact]
    public async Task Keys_that_were_wiped_are_gone_within_minutes()
    {
        await using NodeHost host = _stage.Host(Self);
        DateTimeOffset turn = _stage.Document.EpochStart(_stage.Document.Epoch + 1);
        _stage.Time.AdvanceTo(turn);
        Assert.True(_stage.Plan.Advance(turn, _stage.Folder));
        _stage.Publish(_stage.Plan.Sign());
        NodeGeneration first = await host.CurrentAsync(default);
        _stage.Time.AdvanceTo(turn + _stage.Document.KeyGrace);
        Assert.False(_stage.Plan.Advance(_stage.Time.GetUtcNow(), _stage.Folder));
        _stage.Time.Advance(s_reread);
        NodeGeneration second = await host.CurrentAsync(default);
        Assert.NotSame(first, second);
        Assert.Equal(first.Signed.Document.Hash(), second.Signed.Document.Hash());
    }

    [Theory]
    [InlineData("of another node")]
    [InlineData("of another role")]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("too open")]
    public async Task Keys_that_are_not_the_nodes_are_a_wrong_setting(string what)
    {
        switch (what)
        {
            case "of another node":
                File.Copy(_stage.KeyFile("mix-1-1"), _stage.KeyFile(Self), overwrite: true);
                break;
            case "of another role":
                File.Copy(_stage.KeyFile("courier-0"), _stage.KeyFile(Self), overwrite: true);
                break;
            case "missing":
                File.Delete(_stage.KeyFile(Self));
                break;
            case "damaged":
                File.WriteAllBytes(_stage.KeyFile(Self), [.. File.ReadAllBytes(_stage.KeyFile(Self)).SkipLast(1), 0]);
                break;
            default:
                if (OperatingSystem.IsWindows())
                {
                    // Files have no such modes there.
                    return;
                }
                File.SetUnixFileMode(_stage.KeyFile(Self), UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
        }
        await using NodeHost host = _stage.Host(Self);
        NodeSettingsException error = await Assert.ThrowsAsync<NodeSettingsException>(async () => await host.CurrentAsync(default));
        Assert.Equal("Funion__Keys", error.Setting);
        Assert.DoesNotContain(_stage.Folder, error.ToString(), StringComparison.Ordinal);
        // Its messages come again: who deploys may set it right.
        Assert.False(await host.HandleAsync(Held(TimeSpan.Zero), default));
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_for_a_while_do_not_end_a_node_that_has_some()
    {
        await using NodeHost host = _stage.Host(Self);
        NodeGeneration first = await host.CurrentAsync(default);
        string aside = Path.Combine(_stage.Folder, "aside");
        File.Move(_stage.KeyFile(Self), aside);
        _stage.PublishNext(document => document with { SlackMilliseconds = 20_000 });
        _stage.Time.Advance(s_reread);
        Assert.Same(first, await host.CurrentAsync(default));
        Assert.True(await host.HandleAsync(Held(TimeSpan.Zero), default));
        File.Move(aside, _stage.KeyFile(Self));
        _stage.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, (await host.CurrentAsync(default)).Signed.Document.Version);
        // For as long as its document lasts.
        File.Delete(_stage.KeyFile(Self));
        _stage.Time.AdvanceTo(_stage.Document.ValidUntil - TimeSpan.FromSeconds(1));
        await host.CurrentAsync(default);
        _stage.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await host.CurrentAsync(default));
    }

    [Fact]
    public async Task What_a_node_can_never_take_is_deleted_before_the_host_would_keep_it()
    {
        File.Delete(_stage.DocumentFile);
        await using NodeHost unready = _stage.Host(Self), wrong = new(_stage.Settings(Self) with { Authorities = "{}" }, _stage.Environment(Self));
        foreach (NodeHost host in (NodeHost[])[unready, wrong])
        {
            Assert.False(await host.HandleAsync(Held(TimeSpan.Zero, NodeTriggers.Attempts), default));
            Assert.True(await host.HandleAsync(Held(TimeSpan.Zero, NodeTriggers.Attempts + 1), default));
        }
    }

    [Fact]
    public async Task Compute_needs_models_and_a_gateway_that_it_can_reach()
    {
        await using NodeHost none = new(_stage.Settings("compute-0"), _stage.Environment("compute-0") with { Run = (_, _, _) => ValueTask.FromResult<IReadOnlyList<byte[]>>([]) });
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await none.CurrentAsync(default));
        _stage.PublishAddress("gateway-0", new Uri("http://127.0.0.1:9"));
        await using NodeHost modelless = _stage.Host("compute-0");
        NodeSettingsException error = await Assert.ThrowsAsync<NodeSettingsException>(async () => await modelless.CurrentAsync(default));
        Assert.Equal("FUNION_ROLE", error.Setting);
        _stage.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull((await none.CurrentAsync(default)).Compute);
    }

    [Fact]
    public async Task A_role_or_a_name_that_the_keys_have_not_is_a_wrong_setting()
    {
        foreach (NodeSettings settings in (NodeSettings[])
            [_stage.Settings(Self) with { Role = NodeRole.Courier }, _stage.Settings(Self) with { Node = "mix-1-1" }])
        {
            await using NodeHost host = new(settings, _stage.Environment(Self));
            await Assert.ThrowsAsync<NodeSettingsException>(async () => await host.CurrentAsync(default));
        }
    }

    [Fact]
    public async Task A_pin_is_a_file_or_its_text()
    {
        string pin = File.ReadAllText(_stage.PinFile);
        foreach (string authorities in (string[])[pin, pin.TrimEnd(), " " + pin])
        {
            await using NodeHost host = new(_stage.Settings(Self) with { Authorities = authorities }, _stage.Environment(Self));
            await host.CurrentAsync(default);
        }
        foreach (string wrong in (string[])["{}", pin.Replace("format", "former", StringComparison.Ordinal), _stage.PinFile + "x"])
        {
            await using NodeHost host = new(_stage.Settings(Self) with { Authorities = wrong }, _stage.Environment(Self));
            NodeSettingsException error = await Assert.ThrowsAsync<NodeSettingsException>(async () => await host.CurrentAsync(default));
            Assert.Equal("Funion__Authorities", error.Setting);
        }
    }

    [Fact]
    public async Task Document_and_keys_are_fetched_from_where_their_urls_say()
    {
        List<Uri> asked = [];
        NodeSettings settings = _stage.Settings(Self) with
        {
            NetworkDocument = "https://gateway.example/v1/network", Keys = "https://vault.example/secrets/mix-1-0-keys",
        };
        byte[]? secret = null;
        NodeEnvironment environment = _stage.Environment(Self) with
        {
            Fetch = (url, _) => Ask(url, File.ReadAllBytes(_stage.DocumentFile)),
            ReadSecret = (url, _) => Ask(url, secret = File.ReadAllBytes(_stage.KeyFile(Self))),
        };
        await using NodeHost host = new(settings, environment);
        Assert.Equal(_stage.Node(Self).Id, (await host.CurrentAsync(default)).Parts.Descriptor.Id);
        Assert.Equal([settings.NetworkDocument, settings.Keys], asked.Select(url => url.AbsoluteUri));
        // What the vault gave is wiped.
        Assert.All(secret!, b => Assert.Equal(0, b));

        Task<byte[]> Ask(Uri url, byte[] answer)
        {
            asked.Add(url);
            return Task.FromResult(answer);
        }
    }

    [Fact]
    public async Task A_vault_that_has_no_such_keys_or_is_not_there_is_a_wrong_setting()
    {
        NodeSettings settings = _stage.Settings(Self) with { Keys = "https://vault.example/secrets/mix-1-0-keys" };
        foreach (Func<Uri, CancellationToken, Task<byte[]>>? read in (Func<Uri, CancellationToken, Task<byte[]>>?[])
            [null, (_, _) => Task.FromResult<byte[]>([]), (_, _) => Task.FromResult(new byte[100_000])])
        {
            await using NodeHost host = new(settings, _stage.Environment(Self) with { ReadSecret = read });
            NodeSettingsException error = await Assert.ThrowsAsync<NodeSettingsException>(async () => await host.CurrentAsync(default));
            Assert.Equal("Funion__Keys", error.Setting);
            Assert.DoesNotContain("vault.example", error.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _stage.Dispose();

    Delivery Held(TimeSpan wait, int attempt = 1) => _stage.Held(_stage.Time.GetUtcNow() + wait, attempt: attempt);
}
