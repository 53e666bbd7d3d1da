using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Issuing;
using Funion.Cli.Network;
using Funion.Cli.Planning;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>Through the mixnet by a client of its own: compute learns the input, and nobody whose it is.</summary>
sealed class PlainAsking(AskingRequest request, NetworkDocument document, ModelEntry model) : WayOfAsking(model)
{
    public static IReadOnlyList<string> PlainStages { get; } = ["upload", "wait", "read"];

    TimeSpan _bucket;
    Leftovers? _leftovers;
    FunionSession? _session;

    public override bool HidesInputs => false;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => PlainStages;

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        _bucket = bucket;
        request.Extend?.Invoke(LatencyPlan.Patience(document, Model, bucket));
        request.Output.Note("working alone: going online only to ask shows when you ask; an always-on client is: funion serve");
        _leftovers = FunionHome.OpenLeftovers(document);
        SessionOptions options = new() { Leftovers = _leftovers, Gateway = GatewayChoice.For(document) };
        _session = await FunionSession.OpenAsync(
            document, Invitations.With(options, request.Output, document, request.Invitation, request.Network), cancellation);
        _ = _session.Client.ClearLeftoversAsync();
        await _session.FillWalletAsync(cancellation);
    }

    public override IReadOnlyList<ModelEntry> SameModel =>
    [
        Model, .. document.Models.Where(other => other.Compute != Model.Compute && other.Sha256 == Model.Sha256
            && (other.InputBoxes, other.OutputBoxes) == (Model.InputBoxes, Model.OutputBoxes) && other.BucketsMilliseconds.SequenceEqual(Model.BucketsMilliseconds)),
    ];

    public override Task<InferenceAnswer> AskAsync(
        ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        Session.Client.InferAsync(provider.Name, inputs, _bucket, progress, null, cancellation);

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        Session.Client.InferAsync(Model.Name, inputs, _bucket, progress, null, cancellation);

    public override void Describe(JsonObject answer)
    {
        LoopStatistics statistics = Session.Mixnet.Statistics;
        answer["packets"] = new JsonObject { ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived };
    }

    public override async Task FinishAsync(CancellationToken cancellation)
    {
        if (_leftovers is null)
        {
            // Nobody else could delete it.
            await Session.Client.Cleanup.WaitAsync(FunionClient.ForgottenWithin(document) + TimeSpan.FromMinutes(1), cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            // Input and output are deleted minutes apart, or both times together would name them. Whoever stays online does that.
            request.Output.Note("what was asked is deleted by a funion that stays online (funion serve), or goes with the replicas' epoch");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }
        _leftovers?.Dispose();
    }

    FunionSession Session => _session ?? throw new InvalidOperationException("It is not open.");
}
