using Funion.Hosting;

namespace Funion.Tests.Infrastructure;

/// <summary>The names that the function apps and their infrastructure agree on.</summary>
static class AppContract
{
    /// <summary>App settings that the host and the SDKs in the apps read.</summary>
    public static readonly IReadOnlySet<string> HostSettings = new HashSet<string>
    {
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri",
        "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
        "ServiceBus__fullyQualifiedNamespace", "ServiceBus__credential", "ServiceBus__clientId",
        "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME",
        "AzureFunctionsJobHost__extensions__queues__maxPollingInterval",
        "AzureFunctionsJobHost__extensions__durableTask__storageProvider__type",
        "AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName",
        "AzureFunctionsJobHost__extensions__durableTask__hubName", "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
    };

    /// <summary>Those, and the node's own.</summary>
    public static readonly IReadOnlySet<string> Settings = new HashSet<string>(HostSettings.Concat(NodeSettings.Names));

    /// <summary>Functions of Funion.Node.</summary>
    public static readonly IReadOnlySet<string> NodeFunctions = Functions("node");

    /// <summary>Functions of Funion.Inference.</summary>
    public static readonly IReadOnlySet<string> InferenceFunctions = Functions("inference");

    static HashSet<string> Functions(string app) => [.. AppFunction.Of(app).Select(function => function.Name)];
}
