using Azure.Core;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Microsoft.Extensions.Configuration;

namespace Funion.Hosting;

/// <summary>
/// A node's ports from its host's own storage settings: <c>AzureWebJobsStorage</c> as a connection string (the emulator's), or
/// <c>AzureWebJobsStorage__blobServiceUri</c>, <c>__queueServiceUri</c> and <c>__tableServiceUri</c> with an identity. The host's triggers use the same.
/// </summary>
public static class AzureEnvironment
{
    /// <summary>The connection's name, the Functions host's own.</summary>
    public const string Connection = "AzureWebJobsStorage";

    /// <summary>Connects.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="configuration">The host's.</param>
    /// <param name="credential">An identity; null: only a connection string will do.</param>
    /// <param name="bus">Queues of a Service Bus namespace (null: the node's own) under a prefix; null: this host has none.</param>
    /// <exception cref="NodeSettingsException">A setting is missing.</exception>
    public static NodeEnvironment Of(
        NodeSettings settings, IConfiguration configuration, TokenCredential? credential = null, Func<Uri?, string, PacketQueue>? bus = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(configuration);
        StorageAccount account = configuration[Connection] is { Length: > 0 } text
            ? StorageAccount.Of(text)
            : StorageAccount.Of(
                Service(configuration, "blobServiceUri"), Service(configuration, "tableServiceUri"), Service(configuration, "queueServiceUri"),
                credential ?? throw new NodeSettingsException(Connection, "is missing"));
        PacketQueue Queues(Uri? service, string prefix) => (service, settings.Queues) switch
        {
            (null, QueueKind.Storage) => account.Queue(prefix),
            ({ Scheme: not "sb" }, _) => StorageAccount.QueueOf(service, prefix, credential),
            _ => (bus ?? throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Queues)), "is servicebus, and this host has none"))(service, prefix),
        };
        PacketQueue own = Queues(null, settings.Prefix);
        return new NodeEnvironment
        {
            // What waits for a slot is put and taken by this node alone, and has no delay: it needs no broker's entity of its own for every peer.
            Ports = new NodePorts(
                account.Store(settings.Prefix),
                settings.Queues == QueueKind.Storage ? own : new RoutedPacketQueue(account.Queue(settings.Prefix), own, QueueNames.WaitsForSlot)),
            PeerQueues = Queues,
            Fetch = (url, cancellation) => account.Holds(url)
                ? account.ReadAsync(url, cancellation)
                : Client.HttpGatewayConnection.FetchDocumentAsync(url, cancellation),
        };
    }

    static Uri Service(IConfiguration configuration, string name) => Uri.TryCreate(configuration[$"{Connection}:{name}"], UriKind.Absolute, out Uri? uri)
        ? uri
        : throw new NodeSettingsException($"{Connection}__{name}", "is missing");
}
