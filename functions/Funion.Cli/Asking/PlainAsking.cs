using System.Text.Json.Nodes;
using Funion.Cli.Planning;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>Through the mixnet by a client of its own: compute learns the input, and nobody whose it is.</summary>
sealed class PlainAsking(AskingRequest request, NetworkDocument document, ModelEntry model) : WayOfAsking(model)
{
    public static IReadOnlyList<string> PlainStages { get; } = ["upload", "wait", "read"];

    readonly LoneSession _line = new(request, document);
    TimeSpan _bucket;

    public override bool HidesInputs => false;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => PlainStages;

    public override IReadOnlyList<ModelEntry> SameModel =>
    [
        Model, .. document.Models.Where(other => other.Compute != Model.Compute && other.Sha256 == Model.Sha256
            && (other.InputBoxes, other.OutputBoxes) == (Model.InputBoxes, Model.OutputBoxes) && other.BucketsMilliseconds.SequenceEqual(Model.BucketsMilliseconds)),
    ];

    public override Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        _bucket = bucket;
        request.Extend?.Invoke(LatencyPlan.Patience(document, Model, bucket));
        return _line.OpenAsync(cancellation);
    }

    public override Task<InferenceAnswer> AskAsync(
        ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        _line.AskAsync(provider, inputs, _bucket, progress, cancellation);

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        AskAsync(Model, inputs, progress, cancellation);

    public override void Describe(JsonObject answer) => _line.Describe(answer);

    public override Task FinishAsync(CancellationToken cancellation) => _line.FinishAsync(cancellation);

    public override ValueTask DisposeAsync() => _line.DisposeAsync();
}
