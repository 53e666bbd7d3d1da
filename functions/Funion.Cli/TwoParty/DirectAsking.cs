using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.TwoParty;

/// <summary>
/// Two parties on the direct channel: compute learns who asks and when, and nothing of the input; the client learns the answer and the architecture, and nothing
/// else of the weights. Prepared material is used up first; without any, both phases are done.
/// </summary>
sealed class DirectAsking(AskingRequest request, NetworkDocument document, ModelEntry model) : WayOfAsking(model), IPreparing
{
    /// <summary>Transfers that send least: lines are slower than processors.</summary>
    public const TransferKind Transfer = TransferKind.SoftSpoken;

    /// <summary>Fewer than a provider lets one address have.</summary>
    const int AtATime = 4;

    const string SeesAddress = "on the direct channel the provider sees this machine's address, and nothing of the input";

    readonly SemaphoreSlim _free = new(AtATime, AtATime);
    MaterialFolder? _folder;
    TwoPartyClient? _client;
    long _offline, _online;
    int _prepared, _made;

    public override bool HidesInputs => true;

    public override bool HasBuckets => false;

    public override IReadOnlyList<string> Stages => [PhaseProgress.Offline, PhaseProgress.Online];

    public long OfflineBytes => _offline;

    public int Ready { get; private set; }

    public async Task<int> PrepareAsync(int count, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        request.Output.Note(SeesAddress);
        using MaterialFolder folder = ClientMaterials.Open(document, ChannelKind.Direct);
        await using DirectLine line = await DirectLine.OpenAsync(document, Model, cancellation);
        for (int i = 0; i < count; i++)
        {
            PhaseProgress.Show(line.Channel, line.Client, Transfer, progress);
            using ClientMaterial material = await PrepareAsync(line, cancellation);
            folder.Keep(material);
            Ready++;
            _offline = line.Channel.Traffic(ProtocolPhase.Offline).Bytes;
        }
        return folder.Count(line.Client, ChannelKind.Direct);
    }

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        request.Output.Note(SeesAddress);
        _folder = ClientMaterials.Open(document, ChannelKind.Direct);
        // Whether it is there, before anything is used up.
        await using DirectLine line = await DirectLine.OpenAsync(document, Model, cancellation);
        _client = line.Client;
    }

    public override void Announce(int questions) => PreparedMaterial.Announce(request, Model, _folder!, _client!, ChannelKind.Direct, questions);

    public override IReadOnlyList<ModelEntry> SameModel =>
    [
        Model, .. document.Models.Where(other => other.Compute != Model.Compute && other.Sha256 == Model.Sha256 && other.TwoParty is { } entry
            && entry.Architecture.AsSpan().SequenceEqual(Model.TwoParty!.Architecture) && document.Node(other.Compute) is { Address.Length: > 0 }),
    ];

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        AskAsync(Model, inputs, progress, cancellation);

    public override async Task<InferenceAnswer> AskAsync(ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            return new InferenceAnswer([await AskFreeAsync(provider, inputs, progress, cancellation)], null);
        }
        finally
        {
            _free.Release();
        }
    }

    public override void Describe(JsonObject answer)
    {
        answer["mode"] = AskingRequest.TwoParty;
        answer["channel"] = AskingRequest.Direct;
        answer["material"] = new JsonObject { ["prepared"] = _prepared, ["made"] = _made };
        answer["bytes"] = new JsonObject { ["offline"] = _offline, ["online"] = _online };
    }

    public override ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        _free.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task<Tensor> AskFreeAsync(ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        // What is prepared was prepared with the provider that was chosen; others know nothing of it.
        for (bool wasRefused = provider.Compute != Model.Compute; ; wasRefused = true)
        {
            await using DirectLine line = await DirectLine.OpenAsync(document, provider, cancellation);
            RingTensor input = TwoPartyTensors.Encode(line.Client, inputs);
            PhaseProgress.Show(line.Channel, line.Client, Transfer, progress);
            ClientMaterial? prepared = wasRefused ? null : PreparedMaterial.Take(_folder!, line.Client, ChannelKind.Direct, request.Output.Note);
            using ClientMaterial material = prepared ?? await PrepareAsync(line, cancellation);
            progress(new ClientProgress(PhaseProgress.Online, 0, 1));
            (ProtocolOutcome outcome, RingTensor? output) = await line.Client.RunAsync(line.Channel, material, input, cancellation);
            Interlocked.Add(ref _offline, line.Channel.Traffic(ProtocolPhase.Offline).Bytes);
            Interlocked.Add(ref _online, line.Channel.Traffic(ProtocolPhase.Online).Bytes);
            if (output is not null)
            {
                Interlocked.Increment(ref prepared is null ? ref _made : ref _prepared);
                return TwoPartyTensors.Decode(line.Client, Model, output);
            }
            if (prepared is null || outcome != ProtocolOutcome.UnknownSession)
            {
                throw line.Problem(outcome);
            }
            // It was spent here all the same. A provider that refuses each in turn does not get all of them.
            request.Output.Note("the provider has prepared material of ours no more, as it says: both phases now");
        }
    }

    static async Task<ClientMaterial> PrepareAsync(DirectLine line, CancellationToken cancellation)
    {
        (ProtocolOutcome outcome, ClientMaterial? material) = await line.Client.PrepareAsync(line.Channel, Transfer, cancellation);
        return material ?? throw line.Problem(outcome);
    }
}
