using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>
/// How a question reaches a model: plain, two-party, enclave. <c>infer</c> chooses one, reads the input by its <see cref="Model"/>, opens it, asks once or,
/// verified, many times, and closes it. What fails is a <see cref="FunionException"/>.
/// </summary>
abstract class WayOfAsking(ModelEntry model) : IAsyncDisposable
{
    /// <summary>What is asked.</summary>
    public ModelEntry Model => model;

    /// <summary>Whether whoever runs the model learns nothing of an input: what copies and samples of mix-and-check need, or they are known for what they are.</summary>
    public abstract bool HidesInputs { get; }

    /// <summary>Whether answers come at the boundaries of a bucket.</summary>
    public abstract bool HasBuckets { get; }

    /// <summary>The stages of its progress whose seconds <c>--json</c> shows.</summary>
    public abstract IReadOnlyList<string> Stages { get; }

    /// <summary>Goes online. Called once, when the input is known to be sound.</summary>
    public abstract Task OpenAsync(TimeSpan bucket, CancellationToken cancellation);

    /// <summary>Says what so many questions will need, once it is open and before they are asked.</summary>
    public virtual void Announce(int questions)
    {
    }

    /// <summary>
    /// Asks once: fresh randomness, a session of its own that nothing links to another but the address, where the channel shows that. May be called again, and
    /// at the same time.
    /// </summary>
    public abstract Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation);

    /// <summary>The same model, by its hash, wherever it is run; <see cref="Model"/> is one of them. Runs of a verified question are spread over these.</summary>
    public virtual IReadOnlyList<ModelEntry> SameModel => [model];

    /// <summary>Questions that one of these takes in a batch, by whatever carries them there.</summary>
    public virtual int BatchOf(ModelEntry provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider.Batch;
    }

    /// <summary>Asks one of <see cref="SameModel"/>, as above.</summary>
    public virtual Task<InferenceAnswer> AskAsync(
        ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) => AskAsync(inputs, progress, cancellation);

    /// <summary>Adds to an answer's JSON what only this way knows, packets or bytes.</summary>
    public virtual void Describe(JsonObject answer)
    {
    }

    /// <summary>What is left to do once the answer is out.</summary>
    public virtual Task FinishAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
