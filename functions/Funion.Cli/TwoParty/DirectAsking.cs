using System.Globalization;
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
sealed class DirectAsking(AskingRequest request, NetworkDocument document, ModelEntry model) : WayOfAsking(model)
{
    /// <summary>Transfers that send least: lines are slower than processors.</summary>
    public const TransferKind Transfer = TransferKind.SoftSpoken;

    /// <summary>Fewer than a provider lets one address have.</summary>
    const int AtATime = 4;

    const string SeesAddress = "on the direct channel the provider sees this machine's address, and nothing of the input";

    readonly SemaphoreSlim _free = new(AtATime, AtATime);
    MaterialFolder? _folder;
    long _offline, _online;
    int _prepared, _made;

    public override bool HidesInputs => true;

    public override bool HasBuckets => false;

    public override IReadOnlyList<string> Stages => [PhaseProgress.Offline, PhaseProgress.Online];

    /// <summary>Bytes of offline phases so far.</summary>
    public long OfflineBytes => _offline;

    /// <summary>The offline phase for so many questions to come, each kept before the next begins. Gives how many there are now, some of other models perhaps.</summary>
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
            _offline = line.Channel.Traffic(ProtocolPhase.Offline).Bytes;
        }
        return folder.Sessions.Count;
    }

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        request.Output.Note(SeesAddress);
        _folder = ClientMaterials.Open(document, ChannelKind.Direct);
        // Whether it is there, before anything is used up.
        await using DirectLine line = await DirectLine.OpenAsync(document, Model, cancellation);
        if (_folder.Sessions.Count == 0)
        {
            string sizes = string.Create(CultureInfo.InvariantCulture, $"{line.Client.Offline(Transfer).Bytes / 1e6:F1} MB and {line.Client.Online.Bytes / 1e6:F1} MB");
            request.Output.Note($"nothing is prepared: both phases now, {sizes}; ahead of use: funion prepare {Model.Name} --channel direct");
        }
    }

    public override async Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        float[] input = inputs is [{ Datatype: Datatype.FP32 } only]
            ? only.ToFloats()
            : throw new FunionException(FunionError.BadInput, "The two-party mode takes one FP32 tensor.");
        await _free.WaitAsync(cancellation);
        try
        {
            return new InferenceAnswer([Answer(await AskAsync(input, progress, cancellation))], null);
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

    async Task<float[]> AskAsync(float[] input, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        HashSet<Bytes32> tried = [];
        while (true)
        {
            await using DirectLine line = await DirectLine.OpenAsync(document, Model, cancellation);
            if (input.Length != line.Client.Network.Input.Count)
            {
                throw new FunionException(FunionError.BadInput, $"The input has {input.Length} values, and the model takes {line.Client.Network.Input.Count}.");
            }
            PhaseProgress.Show(line.Channel, line.Client, Transfer, progress);
            ClientMaterial? prepared = TakePrepared(line.Client, tried);
            using ClientMaterial material = prepared ?? await PrepareAsync(line, cancellation);
            progress(new ClientProgress(PhaseProgress.Online, 0, 1));
            (ProtocolOutcome outcome, RingTensor? output) = await line.Client.RunAsync(line.Channel, material, line.Client.Network.Encode(input), cancellation);
            Interlocked.Add(ref _offline, line.Channel.Traffic(ProtocolPhase.Offline).Bytes);
            Interlocked.Add(ref _online, line.Channel.Traffic(ProtocolPhase.Online).Bytes);
            if (output is not null)
            {
                Interlocked.Increment(ref prepared is null ? ref _made : ref _prepared);
                using (output)
                {
                    return line.Client.Network.Decode(output);
                }
            }
            if (prepared is null || outcome != ProtocolOutcome.UnknownSession)
            {
                throw line.Problem(outcome);
            }
            // It was spent here all the same; the next one may be known.
            request.Output.Note("the provider has prepared material of ours no more: it keeps it for a time, or begins anew");
        }
    }

    /// <summary>The first file that is good for this; each is looked at once. What is of another model or damaged stays as it is.</summary>
    ClientMaterial? TakePrepared(TwoPartyClient client, HashSet<Bytes32> tried)
    {
        foreach (Bytes32 session in _folder!.Sessions.Where(tried.Add))
        {
            if (_folder.TryTake(client, session, ChannelKind.Direct, out ClientMaterial? material) == MaterialOutcome.Taken)
            {
                return material;
            }
        }
        return null;
    }

    static async Task<ClientMaterial> PrepareAsync(DirectLine line, CancellationToken cancellation)
    {
        (ProtocolOutcome outcome, ClientMaterial? material) = await line.Client.PrepareAsync(line.Channel, Transfer, cancellation);
        return material ?? throw line.Problem(outcome);
    }

    Tensor Answer(float[] output)
    {
        TensorSpec spec = Model.Outputs[0];
        long[] shape = [.. spec.Shape.Select(dimension => Math.Max(1, dimension))];
        return shape.Aggregate(1L, (count, dimension) => count * dimension) == output.Length
            ? Tensor.Of(spec.Name, shape, output)
            : throw new FunionException(FunionError.Damaged, "The architecture's output is not what the network document says of the model.");
    }
}
