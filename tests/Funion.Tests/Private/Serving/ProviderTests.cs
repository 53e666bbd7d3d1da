using Funion.Contracts;
using Funion.Network;
using Funion.Private.Direct;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Tests.Private.Direct;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Private.Serving;

/// <summary>A provider and its clients, hostile ones among them.</summary>
public sealed class ProviderTests : IDisposable
{
    static readonly IntegerNetwork s_network = TwoParties.Tiny();

    static readonly long s_size = new ServerModel(s_network).MaterialSize;

    readonly NodeKeys _keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, 1, 2);
    readonly VirtualTime _time = new();
    readonly string _folder = Directory.CreateTempSubdirectory("funion-shelf-").FullName;

    [Fact]
    public async Task A_question_over_a_sealed_line_is_the_references()
    {
        using TwoPartyProvider provider = Provider(ShelfLimits.Memory);
        (TwoPartyClient client, StreamChannel channel, Task<ProtocolOutcome> serving) = await OpenAsync(provider);
        RingTensor input = TwoParties.Input(s_network, new Random(3));
        Assert.Equal(Expected(input), await AskAsync(client, channel, input));
        await channel.DisposeAsync();
        Assert.Equal(ProtocolOutcome.Closed, await serving);
    }

    [Fact]
    public async Task Who_says_nothing_is_left_after_the_patience_and_others_are_served_meanwhile()
    {
        using TwoPartyProvider provider = Provider(ShelfLimits.Memory);
        (Line silent, Line there) = Line.Pair();
        Task<ProtocolOutcome> mute = provider.ServeAsync(there, "a", default);
        (TwoPartyClient client, StreamChannel idle, Task<ProtocolOutcome> idling) = await OpenAsync(provider);
        (_, StreamChannel busy, Task<ProtocolOutcome> serving) = await OpenAsync(provider);
        RingTensor input = TwoParties.Input(s_network, new Random(4));
        Assert.Equal(Expected(input), await AskAsync(client, busy, input));
        await busy.DisposeAsync();
        Assert.Equal(ProtocolOutcome.Closed, await serving);
        Assert.False(mute.IsCompleted || idling.IsCompleted);
        _time.Advance(DirectLimits.Default.Patience + TimeSpan.FromSeconds(1));
        Assert.Equal(ProtocolOutcome.Closed, await mute);
        Assert.Equal(ProtocolOutcome.Closed, await idling);
        await idle.DisposeAsync();
        await silent.DisposeAsync();
    }

    [Fact]
    public async Task Who_prepares_more_than_its_share_is_refused_before_anything_is_done_and_another_is_not()
    {
        using TwoPartyProvider provider = Provider(ShelfLimits.Memory with { Bytes = 3 * s_size, PartyBytes = 2 * s_size });
        (TwoPartyClient client, StreamChannel greedy, Task<ProtocolOutcome> serving) = await OpenAsync(provider, "greedy");
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(ProtocolOutcome.Done, (await client.PrepareAsync(greedy, TransferKind.SoftSpoken)).Outcome);
        }
        Assert.Equal(ProtocolOutcome.Full, (await client.PrepareAsync(greedy, TransferKind.SoftSpoken)).Outcome);
        Assert.Equal(ProtocolOutcome.Full, await serving);
        (_, StreamChannel modest, _) = await OpenAsync(provider, "modest");
        Assert.Equal(ProtocolOutcome.Done, (await client.PrepareAsync(modest, TransferKind.SoftSpoken)).Outcome);
        // What nobody came back for goes.
        _time.Advance(TimeSpan.FromDays(2));
        (_, StreamChannel later, _) = await OpenAsync(provider, "greedy");
        Assert.Equal(ProtocolOutcome.Done, (await client.PrepareAsync(later, TransferKind.SoftSpoken)).Outcome);
    }

    [Fact]
    public async Task What_is_being_prepared_counts_until_it_is_kept_or_given_up()
    {
        using TwoPartyProvider provider = Provider(ShelfLimits.Memory with { Bytes = 2 * s_size });
        (TwoPartyClient client, StreamChannel slow, Task<ProtocolOutcome> waiting) = await OpenAsync(provider, "slow");
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.Moved = _ =>
        {
            // The server has answered once: it holds a place by then.
            if (slow.Traffic(ProtocolPhase.Offline).Received > 0)
            {
                begun.TrySetResult();
                go.Task.Wait();
            }
        };
        using CancellationTokenSource leave = new();
        Task preparing = Task.Run(async () => await client.PrepareAsync(slow, TransferKind.SoftSpoken, leave.Token));
        await begun.Task;
        (_, StreamChannel second, _) = await OpenAsync(provider, "second");
        Assert.Equal(ProtocolOutcome.Done, (await client.PrepareAsync(second, TransferKind.SoftSpoken)).Outcome);
        (_, StreamChannel third, _) = await OpenAsync(provider, "third");
        Assert.Equal(ProtocolOutcome.Full, (await client.PrepareAsync(third, TransferKind.SoftSpoken)).Outcome);
        // Who leaves in the middle leaves the place.
        await leave.CancelAsync();
        go.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preparing);
        await slow.DisposeAsync();
        await waiting;
        (_, StreamChannel fourth, _) = await OpenAsync(provider, "fourth");
        Assert.Equal(ProtocolOutcome.Done, (await client.PrepareAsync(fourth, TransferKind.SoftSpoken)).Outcome);
    }

    [Fact]
    public void One_material_is_made_whatever_its_size_and_others_beside_it_within_the_limits()
    {
        using MaterialShelf shelf = new(new ShelfLimits(100, 100, MakingBytes: 10, PartyMakingBytes: 6, TimeSpan.FromDays(1)), _time);
        using (MaterialPlace? large = shelf.TryReserve("a", 20))
        {
            Assert.NotNull(large);
            Assert.Null(shelf.TryReserve("b", 1));
        }
        using MaterialPlace? first = shelf.TryReserve("a", 4);
        Assert.NotNull(first);
        Assert.Null(shelf.TryReserve("a", 3));
        using MaterialPlace? other = shelf.TryReserve("b", 6);
        Assert.NotNull(other);
        Assert.Null(shelf.TryReserve("c", 1));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(shelf.TryReserve("c", 4));
    }

    [Fact]
    public async Task Material_survives_the_provider_on_disk_and_is_good_once()
    {
        ClientMaterial material;
        RingTensor input = TwoParties.Input(s_network, new Random(5));
        using (TwoPartyProvider provider = Provider(ShelfLimits.Disk, Folder()))
        {
            (TwoPartyClient client, StreamChannel channel, _) = await OpenAsync(provider);
            material = (await client.PrepareAsync(channel, TransferKind.SoftSpoken)).Material!;
        }
        Assert.Single(Directory.GetFiles(_folder));
        using (TwoPartyProvider provider = Provider(ShelfLimits.Disk, Folder()))
        {
            (TwoPartyClient client, StreamChannel channel, _) = await OpenAsync(provider);
            (ProtocolOutcome outcome, RingTensor? output) = await client.RunAsync(channel, material, input);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            Assert.Equal(Expected(input), output!.Elements.ToArray());
        }
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Places_are_counted_in_all_and_for_each_address()
    {
        SessionGate gate = new(DirectLimits.Default with { Sessions = 3, PartySessions = 2 });
        using IDisposable? first = gate.TryEnter("a"), second = gate.TryEnter("a");
        Assert.NotNull(second);
        Assert.Null(gate.TryEnter("a"));
        IDisposable? third = gate.TryEnter("b");
        Assert.NotNull(third);
        Assert.Null(gate.TryEnter("c"));
        third.Dispose();
        third.Dispose();
        Assert.Equal(2, gate.Inside);
        Assert.NotNull(gate.TryEnter("c"));
    }

    [Fact]
    public void Models_that_have_no_private_counterpart_are_named()
    {
        List<string> notes = [];
        string file = Path.Combine(_folder, "other.onnx");
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Single(PrivateModels.Load([("other", file)], notes.Add));
        Assert.Empty(notes);
        File.WriteAllBytes(PrivateModels.SamplesOf(file), [1]);
        Assert.Single(PrivateModels.Load([("other", file)], notes.Add));
        Assert.Contains("no ONNX model", Assert.Single(notes), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    static ulong[] Expected(RingTensor input) => s_network.Run(input).Elements.ToArray();

    MaterialFolder Folder() => new(_folder, new byte[32]);

    TwoPartyProvider Provider(ShelfLimits limits, MaterialFolder? folder = null) => new(
        new Dictionary<string, IntegerNetwork> { ["tiny"] = s_network }, _keys, new MaterialShelf(limits, folder is null ? _time : TimeProvider.System, folder), DirectLimits.Default, _time);

    async Task<(TwoPartyClient Client, StreamChannel Channel, Task<ProtocolOutcome> Serving)> OpenAsync(TwoPartyProvider provider, string party = "")
    {
        (Line here, Line there) = Line.Pair();
        Task<ProtocolOutcome> serving = Task.Run(() => provider.ServeAsync(there, party, default));
        (DirectOutcome outcome, SealedStream? stream) = await DirectHandshake.GreetAsync(here, _keys.Describe(), default);
        Assert.Equal(DirectOutcome.Ok, outcome);
        (_, _, TwoPartyClient? client) = await ModelGreeting.AskAsync(stream!, "tiny", ArchitectureFormat.Digest(s_network), default);
        return (client!, new StreamChannel(stream!, ChannelKind.Direct), serving);
    }

    static async Task<ulong[]> AskAsync(TwoPartyClient client, StreamChannel channel, RingTensor input)
    {
        (ProtocolOutcome prepared, ClientMaterial? material) = await client.PrepareAsync(channel, TransferKind.SoftSpoken);
        Assert.Equal(ProtocolOutcome.Done, prepared);
        (ProtocolOutcome outcome, RingTensor? output) = await client.RunAsync(channel, material!, input);
        Assert.Equal(ProtocolOutcome.Done, outcome);
        return output!.Elements.ToArray();
    }
}
