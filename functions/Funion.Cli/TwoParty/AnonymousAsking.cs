using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Private.Anonymous;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.TwoParty;

/// <summary>
/// Two parties through the mixnet: compute learns neither who asks nor what. Each material is a session of its own; what was prepared directly is not touched.
/// </summary>
/// <param name="request">What was asked for.</param>
/// <param name="document">The network.</param>
/// <param name="model">With a two-party entry.</param>
/// <param name="jobs">What carries it there.</param>
/// <param name="line">Null: a session through the mixnet.</param>
sealed class AnonymousAsking(AskingRequest request, NetworkDocument document, ModelEntry model, ModelEntry jobs, LoneSession? line = null) : WayOfAsking(model), IPreparing
{
    /// <summary>Sessions at a time, where there are many questions: jobs of all of them go through one client's slots.</summary>
    const int AtATime = 4;

    readonly SemaphoreSlim _free = new(AtATime, AtATime);
    readonly LoneSession _line = line ?? new LoneSession(request, document);
    MaterialFolder? _folder;
    TwoPartyClient? _client;
    TimeSpan _bucket;
    long _offline, _online;
    int _prepared, _made, _jobs;

    public override bool HidesInputs => true;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => [PhaseProgress.Offline, PhaseProgress.Online];

    public long OfflineBytes => _offline;

    public int Ready { get; private set; }

    TwoPartyClient Client => _client ?? throw new InvalidOperationException("It is not open.");

    /// <summary>With the same architecture, and jobs of the same size at the same boundaries: nobody sees who is asked.</summary>
    public override IReadOnlyList<ModelEntry> SameModel =>
    [
        Model, .. document.Models.Where(other => other.Compute != Model.Compute && other.Sha256 == Model.Sha256 && other.TwoParty is { } entry
            && entry.Architecture.AsSpan().SequenceEqual(Model.TwoParty!.Architecture) && JobsOf(other) is { } carried
            && (carried.InputBoxes, carried.OutputBoxes) == (jobs.InputBoxes, jobs.OutputBoxes) && carried.Inputs[0].Shape.SequenceEqual(jobs.Inputs[0].Shape)
            && carried.BucketsMilliseconds.SequenceEqual(jobs.BucketsMilliseconds)),
    ];

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        // A prepared one may have any of them; the shortest is everybody's.
        _bucket = bucket > TimeSpan.Zero ? bucket : TimeSpan.FromMilliseconds(jobs.BucketsMilliseconds.Min());
        _folder = ClientMaterials.Open(document, ChannelKind.Anonymous);
        await _line.OpenAsync(cancellation);
        _client = await FetchAsync(cancellation);
    }

    public override void Announce(int questions) => PreparedMaterial.Announce(request, Model, _folder!, Client, ChannelKind.Anonymous, questions);

    public async Task<int> PrepareAsync(int count, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        await OpenAsync(TimeSpan.Zero, cancellation);
        for (int i = 0; i < count; i++)
        {
            await using AnonymousChannel channel = NewChannel(jobs);
            PhaseProgress.Show(channel, Client, DirectAsking.Transfer, progress);
            using ClientMaterial material = await MakeAsync(channel, cancellation);
            _folder!.Keep(material);
            Ready++;
            Count(channel);
        }
        return _folder!.Count(Client, ChannelKind.Anonymous);
    }

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        AskAsync(Model, inputs, progress, cancellation);

    public override async Task<InferenceAnswer> AskAsync(ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(provider);
        RingTensor input = TwoPartyTensors.Encode(Client, inputs);
        await _free.WaitAsync(cancellation);
        try
        {
            // What is prepared was prepared with the provider that was chosen; others know nothing of it.
            for (bool wasRefused = provider.Compute != Model.Compute; ; wasRefused = true)
            {
                await using AnonymousChannel channel = NewChannel(JobsOf(provider) ?? throw new ArgumentException("It takes no jobs.", nameof(provider)));
                PhaseProgress.Show(channel, Client, DirectAsking.Transfer, progress);
                ClientMaterial? prepared = wasRefused ? null : PreparedMaterial.Take(_folder!, Client, ChannelKind.Anonymous, request.Output.Note);
                progress(new ClientProgress(prepared is null ? PhaseProgress.Offline : PhaseProgress.Online, 0, 1));
                using ClientMaterial material = prepared ?? await MakeAsync(channel, cancellation);
                progress(new ClientProgress(PhaseProgress.Online, 0, 1));
                (ProtocolOutcome outcome, RingTensor? output) = await Client.RunAsync(channel, material, input, cancellation);
                Count(channel);
                if (output is not null)
                {
                    Interlocked.Increment(ref prepared is null ? ref _made : ref _prepared);
                    return new InferenceAnswer([TwoPartyTensors.Decode(Client, Model, output)], null);
                }
                if (prepared is null || outcome != ProtocolOutcome.UnknownSession)
                {
                    throw Problem(outcome);
                }
                // The names of two materials beside one question would be one person's: compute hears one at most, whatever it says of it.
                request.Output.Note("compute has prepared material of ours no more, as it says: both phases now");
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public override void Describe(JsonObject answer)
    {
        answer["mode"] = AskingRequest.TwoParty;
        answer["channel"] = AskingRequest.Anonymous;
        answer["material"] = new JsonObject { ["prepared"] = _prepared, ["made"] = _made };
        answer["bytes"] = new JsonObject { ["offline"] = _offline, ["online"] = _online };
        answer["jobs"] = _jobs;
        _line.Describe(answer);
    }

    public override Task FinishAsync(CancellationToken cancellation) => _line.FinishAsync(cancellation);

    public override async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        _folder?.Dispose();
        _free.Dispose();
    }

    ModelEntry? JobsOf(ModelEntry provider) => provider.Compute == Model.Compute ? jobs : document.Model(TwoPartyEntry.JobsOf(provider.Name));

    AnonymousChannel NewChannel(ModelEntry to) => new((int)to.Inputs[0].Shape[0], (segment, cancellation) => ExchangeAsync(to, segment, cancellation));

    async Task<ClientMaterial> MakeAsync(AnonymousChannel channel, CancellationToken cancellation)
    {
        (ProtocolOutcome outcome, ClientMaterial? material) = await Client.PrepareAsync(channel, DirectAsking.Transfer, cancellation);
        return material ?? throw Problem(outcome);
    }

    /// <summary>One job: a piece of a session under fresh capabilities, as any question goes.</summary>
    async Task<ReadOnlyMemory<byte>?> ExchangeAsync(ModelEntry to, ReadOnlyMemory<byte> segment, CancellationToken cancellation)
    {
        try
        {
            Tensor input = Tensor.TryCreate(AnonymousProvider.TensorName, Datatype.UInt8, [segment.Length], segment)!;
            InferenceAnswer answer = await _line.AskAsync(to, [input], _bucket, null, cancellation);
            // A plain null would become an empty answer here: memory is made of it as of an array.
            return answer.Tensors is [{ Datatype: Datatype.UInt8 } tensor] ? tensor.Data : default(ReadOnlyMemory<byte>?);
        }
        catch (FunionException lost) when (lost.Error == FunionError.TimedOut)
        {
            return null;
        }
    }

    /// <summary>
    /// The architecture: by a job, like everything here; it is everybody's, and tells nobody anything. It is kept: who begins anew and who goes on would differ by
    /// that job.
    /// </summary>
    async Task<TwoPartyClient> FetchAsync(CancellationToken cancellation)
    {
        Bytes32 promised = new(Model.TwoParty!.Architecture);
        string file = Path.Combine(FunionHome.FolderOf(document, "two-party"), "architectures", promised.ToString());
        if (Kept(file) is { } kept && TwoPartyClient.TryCreate(kept, promised, out TwoPartyClient? known) == ArchitectureOutcome.Ok)
        {
            return known!;
        }
        await using AnonymousChannel channel = NewChannel(jobs);
        ReadOnlyMemory<byte> architecture = await channel.FetchArchitectureAsync(cancellation)
            ?? throw new FunionException(FunionError.TimedOut, "Compute did not say what the model's architecture is.");
        _jobs += channel.Jobs;
        ArchitectureOutcome outcome = TwoPartyClient.TryCreate(architecture.Span, promised, out TwoPartyClient? client);
        if (client is null)
        {
            throw new FunionException(FunionError.Damaged, $"Compute's architecture is not the one that the network document promises ({outcome}).");
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, architecture.Span);
        }
        catch (Exception unwritten) when (unwritten is IOException or UnauthorizedAccessException)
        {
            // It is asked for again next time.
        }
        return client;
    }

    byte[]? Kept(string file)
    {
        try
        {
            FileInfo info = new(file);
            return info.Exists && info.Length <= jobs.Inputs[0].Shape[0] ? File.ReadAllBytes(file) : null;
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    void Count(AnonymousChannel channel)
    {
        Interlocked.Add(ref _offline, channel.Traffic(ProtocolPhase.Offline).Bytes);
        Interlocked.Add(ref _online, channel.Traffic(ProtocolPhase.Online).Bytes);
        Interlocked.Add(ref _jobs, channel.Jobs);
    }

    static FunionException Problem(ProtocolOutcome outcome) => outcome switch
    {
        ProtocolOutcome.Closed => new FunionException(FunionError.TimedOut, "Compute lost the session."),
        ProtocolOutcome.Full => new FunionException(FunionError.Refused, "Compute keeps as much prepared material as it is willing to."),
        ProtocolOutcome.UnknownSession or ProtocolOutcome.WrongModel or ProtocolOutcome.WrongChannel or ProtocolOutcome.WrongParameters or ProtocolOutcome.WrongVersion =>
            new FunionException(FunionError.Refused, $"Compute refused ({outcome})."),
        _ => new FunionException(FunionError.Damaged, $"Compute broke the protocol ({outcome})."),
    };
}
