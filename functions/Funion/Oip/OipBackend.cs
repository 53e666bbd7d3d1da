using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Oip;

/// <summary>What the protocol's routes ask of the client behind them. <see cref="Infer"/> throws <see cref="FunionException"/>.</summary>
/// <param name="Document">The network as the client knows it now.</param>
/// <param name="Ready">Whether an inference could be sent.</param>
/// <param name="Infer">Model, tensors in the graph's order, bucket or null for the shortest.</param>
public sealed record OipBackend(
    Func<NetworkDocument> Document, Func<bool> Ready,
    Func<string, IReadOnlyList<Tensor>, TimeSpan?, CancellationToken, Task<InferenceAnswer>> Infer)
{
    /// <summary>A client's.</summary>
    public static OipBackend Of(FunionClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new OipBackend(() => client.Document, () => client.IsReachable, (model, tensors, bucket, cancellation) =>
        {
            ModelEntry entry = client.Document.Model(model) ?? throw new FunionException(FunionError.NoSuchModel, "There is no such model.");
            return client.InferAsync(
                model, tensors, bucket ?? TimeSpan.FromMilliseconds(entry.BucketsMilliseconds.Min()), cancellation: cancellation);
        });
    }
}
