using System.Collections.Concurrent;
using Funion.Cli.Asking;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>A session that notes whom it asks, and asks the one compute node that there is.</summary>
/// <param name="request">What was asked for.</param>
/// <param name="document">The real network's.</param>
/// <param name="real">Which of its models stands for one of another node.</param>
sealed class RecordedLine(AskingRequest request, NetworkDocument document, Func<ModelEntry, string> real) : LoneSession(request, document)
{
    readonly NetworkDocument _document = document;

    /// <summary>Names of the models that were asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public override Task<InferenceAnswer> AskAsync(
        ModelEntry model, IReadOnlyList<Tensor> inputs, TimeSpan bucket, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        Asked.Enqueue(model.Name);
        return base.AskAsync(_document.Model(real(model))!, inputs, bucket, progress, cancellation);
    }
}
