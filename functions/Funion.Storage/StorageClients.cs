using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Funion.Storage;

/// <summary>
/// Clients that tell nobody anything. Trace context exists to link messages across hops, which is what a mixnet undoes; so neither the SDK
/// nor the HTTP handler below it adds <c>traceparent</c> or <c>Diagnostic-Id</c>, and nothing is logged.
/// With a managed identity: <c>new BlobServiceClient(uri, credential, StorageClients.BlobOptions())</c>.
/// </summary>
public static class StorageClients
{
    // The handler would add trace headers of its own for any current Activity, whatever the SDK does.
    static readonly HttpClientTransport Transport = new(new HttpClient(new TraceFreeHandler(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    });

    /// <summary>A client for <see cref="BlobBoxStore"/>.</summary>
    public static BlobServiceClient Blobs(string connectionString) => new(connectionString, BlobOptions());

    /// <summary>A client for <see cref="StorageQueuePacketQueue"/>.</summary>
    public static QueueServiceClient Queues(string connectionString) => new(connectionString, QueueOptions());

    /// <summary>A client for <see cref="TableBoxStore"/>.</summary>
    public static TableServiceClient Tables(string connectionString) => new(connectionString, TableOptions());

    /// <summary>Options for a client of one's own making.</summary>
    public static BlobClientOptions BlobOptions() => Quiet(new BlobClientOptions());

    /// <summary>Options for a client of one's own making.</summary>
    public static QueueClientOptions QueueOptions() => Quiet(new QueueClientOptions());

    /// <summary>Options for a client of one's own making.</summary>
    public static TableClientOptions TableOptions() => Quiet(new TableClientOptions());

    static T Quiet<T>(T options)
        where T : ClientOptions
    {
        options.Transport = Transport;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(100);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        return options;
    }
}
