using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Issuing;
using Funion.Cli.Network;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>A client of its own in the mixnet for as long as something is asked: every question goes under fresh capabilities, and nothing links two of them.</summary>
class LoneSession(AskingRequest request, NetworkDocument document) : IAsyncDisposable
{
    Leftovers? _leftovers;
    FunionSession? _session;

    FunionSession Session => _session ?? throw new InvalidOperationException("It is not open.");

    /// <summary>Goes online, with tokens where they are demanded.</summary>
    public virtual async Task OpenAsync(CancellationToken cancellation)
    {
        request.Output.Note("working alone: going online only to ask shows when you ask; an always-on client is: funion serve");
        _leftovers = FunionHome.OpenLeftovers(document);
        SessionOptions options = new() { Leftovers = _leftovers, Gateway = GatewayChoice.For(document) };
        _session = await FunionSession.OpenAsync(
            document, Invitations.With(options, request.Output, document, request.Invitation, request.Network, asksNow: true), cancellation);
        _ = _session.Client.ClearLeftoversAsync();
        await _session.FillWalletAsync(cancellation);
    }

    /// <summary>Asks a model of the document; may be called at the same time as before.</summary>
    public virtual Task<InferenceAnswer> AskAsync(
        ModelEntry model, IReadOnlyList<Tensor> inputs, TimeSpan bucket, Action<ClientProgress>? progress, CancellationToken cancellation) =>
        Session.Client.InferAsync(model.Name, inputs, bucket, progress, null, cancellation);

    /// <summary>Adds to an answer's JSON what went through the mixnet.</summary>
    public virtual void Describe(JsonObject answer)
    {
        LoopStatistics statistics = Session.Mixnet.Statistics;
        answer["packets"] = new JsonObject { ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived };
    }

    /// <summary>Sees to it that what was asked is deleted.</summary>
    public virtual async Task FinishAsync(CancellationToken cancellation)
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

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }
        _leftovers?.Dispose();
        GC.SuppressFinalize(this);
    }
}
