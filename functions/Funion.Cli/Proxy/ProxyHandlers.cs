using System.Text.Json.Nodes;
using Funion.Oip;

namespace Funion.Cli.Proxy;

/// <summary>What the local proxy asks of the client behind it. Handlers throw <c>FunionException</c>.</summary>
/// <param name="Inference">Behind the protocol's own routes.</param>
/// <param name="Deadline">Longest that one request may take.</param>
sealed record ProxyHandlers(OipBackend Inference, TimeSpan Deadline)
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
