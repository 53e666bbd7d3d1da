using System.Text.Json.Nodes;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Proxy;

/// <summary>What the local proxy asks of the client behind it. Handlers throw <c>FunionException</c>.</summary>
/// <param name="Document">The network as the client knows it now.</param>
/// <param name="Ready">Whether an inference could be sent.</param>
/// <param name="Infer">Model, tensors in the graph's order, bucket or null for the client's own choice.</param>
/// <param name="Deadline">Longest that one request may take.</param>
sealed record ProxyHandlers(
    Func<NetworkDocument> Document,
    Func<bool> Ready,
    Func<string, IReadOnlyList<Tensor>, TimeSpan?, CancellationToken, Task<InferenceAnswer>> Infer,
    TimeSpan Deadline)
{
    /// <summary>What <c>funion status</c> shows; null closes the route, as for the three below.</summary>
    public Func<JsonNode>? Status { get; init; }

    /// <summary>Stores bytes, all or nothing when the second says so; gives the capabilities to read and to write.</summary>
    public Func<ReadOnlyMemory<byte>, bool, CancellationToken, Task<(string Read, string Write)>>? Put { get; init; }

    /// <summary>Fetches what a capability reads.</summary>
    public Func<string, CancellationToken, Task<ReadOnlyMemory<byte>>>? Get { get; init; }

    /// <summary>Deletes what a capability writes.</summary>
    public Func<string, CancellationToken, Task>? Delete { get; init; }
}
