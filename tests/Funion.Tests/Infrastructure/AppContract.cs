namespace Funion.Tests.Infrastructure;

/// <summary>The names that the function apps and their infrastructure agree on.</summary>
static class AppContract
{
    /// <summary>App settings that the apps read, or the host and the SDKs in them.</summary>
    public static readonly IReadOnlySet<string> Settings = new HashSet<string>
    {
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri",
        "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
        "ServiceBus__fullyQualifiedNamespace", "ServiceBus__credential", "ServiceBus__clientId",
        "Funion__Node", "Funion__Role", "Funion__Prefix", "Funion__NetworkDocument", "Funion__Authorities", "Funion__Keys", "Funion__Queues",
        "Funion__Peers", "Funion__Address", "Funion__Models", "Funion__LatencyProfile",
        "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME",
        "AzureFunctionsJobHost__extensions__durableTask__storageProvider__type",
        "AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName",
        "AzureFunctionsJobHost__extensions__durableTask__hubName", "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
    };

    /// <summary>Functions of Funion.Node.</summary>
    public static readonly IReadOnlySet<string> NodeFunctions = new HashSet<string>
    {
        "Receive", "Release", "Slots", "Replies", "Copies", "ReceiveBus", "ReleaseBus", "SlotsBus", "RepliesBus", "CopiesBus", "Draw", "Sweep",
        "Packets", "Mailbox", "Network", "Loops", "Live", "Ready", "Hop",
    };

    /// <summary>Functions of Funion.Inference that a setting can turn off.</summary>
    public static readonly IReadOnlySet<string> InferenceFunctions = new HashSet<string>
    {
        "Receive", "Release", "Slots", "ReceiveBus", "ReleaseBus", "SlotsBus", "Draw", "Sweep", "Live", "Ready",
    };
}
