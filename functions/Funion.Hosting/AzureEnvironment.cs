using Azure.Core;
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
        Func<Uri?, string, PacketQueue> queues = settings.Queues == QueueKind.ServiceBus
            ? bus ?? throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Queues)), "is servicebus, and this host has none")
            : (service, prefix) => service is null ? account.Queue(prefix) : StorageAccount.QueueOf(service, prefix, credential);
        return new NodeEnvironment
        {
            Ports = new NodePorts(account.Store(settings.Prefix), queues(null, settings.Prefix)),
            PeerQueues = queues,
        };
    }

    static Uri Service(IConfiguration configuration, string name) => Uri.TryCreate(configuration[$"{Connection}:{name}"], UriKind.Absolute, out Uri? uri)
        ? uri
        : throw new NodeSettingsException($"{Connection}__{name}", "is missing");
}
