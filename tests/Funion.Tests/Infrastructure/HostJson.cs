using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Funion.Hosting;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>
/// <c>host.json</c> with the options that the apps set, their documented defaults and ranges. The host ignores a key that it does not know, so a typing
/// mistake would be silent; here it is an error.
/// References: learn.microsoft.com, Azure Functions, "host.json reference" and the references of the bindings.
/// </summary>
sealed partial record HostJson
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, PropertyNameCaseInsensitive = false,
    };

    public required string Version { get; init; }

    /// <summary>Flex Consumption: 30 minutes.</summary>
    public TimeSpan FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    public required ExtensionOptions Extensions { get; init; }

    public required LoggingOptions Logging { get; init; }

    public static string Text(string app) => File.ReadAllText(Path.Combine(Repository.Root, "functions", app, "host.json"));

    /// <exception cref="JsonException">There is a key that is none of these, or a value of another kind.</exception>
    public static HostJson Parse(string text) => JsonSerializer.Deserialize<HostJson>(text, s_json)!;

    /// <summary>The file with one app setting over it, as the host reads <c>AzureFunctionsJobHost__…</c>.</summary>
    public static string With(string text, string setting, string value)
    {
        JsonNode root = JsonNode.Parse(text)!, at = root;
        string[] path = [.. setting.Split("__").Skip(1)];
        foreach (string key in path[..^1])
        {
            at = at[key] ??= new JsonObject();
        }
        at[path[^1]] = value;
        return root.ToJsonString();
    }

    /// <summary>What is out of its range, or against the protocol's rules.</summary>
    public IEnumerable<string> Problems() =>
    [
        .. Version == "2.0" ? [] : (string[])["version"],
        // A held message waits in its function, and an instance draws slots.
        .. FunctionTimeout >= TimeSpan.FromMinutes(1) ? [] : (string[])["functionTimeout"],
        .. Extensions.Http.Problems(), .. Extensions.Queues.Problems(), .. Extensions.ServiceBus.Problems(), .. Extensions.DurableTask?.Problems() ?? [],
        .. Logging.Problems(),
    ];

    public sealed record ExtensionOptions
    {
        public HttpOptions Http { get; init; } = new();

        public QueueOptions Queues { get; init; } = new();

        public ServiceBusOptions ServiceBus { get; init; } = new();

        public DurableTaskOptions? DurableTask { get; init; }
    }

    public sealed record HttpOptions
    {
        public string RoutePrefix { get; init; } = "api";

        /// <summary>-1: no limit.</summary>
        public int MaxOutstandingRequests { get; init; } = 200;

        public int MaxConcurrentRequests { get; init; } = 100;

        /// <summary>The routes are the ingress's contract: nothing stands before them.</summary>
        public IEnumerable<string> Problems() => RoutePrefix.Length == 0 && MaxOutstandingRequests is -1 or > 0 && MaxConcurrentRequests is -1 or > 0 ? [] : ["http"];
    }

    public sealed record QueueOptions
    {
        public int BatchSize { get; init; } = 16;

        /// <summary>Half a batch when it is not said.</summary>
        public int NewBatchThreshold { get; init; } = 8;

        public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);

        public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.Zero;

        public int MaxDequeueCount { get; init; } = 5;

        public string MessageEncoding { get; init; } = "base64";

        public IEnumerable<string> Problems()
        {
            if (BatchSize is < 1 or > 32)
            {
                yield return "batchSize";
            }
            if (NewBatchThreshold < 0)
            {
                yield return "newBatchThreshold";
            }
            if (MaxPollingInterval < TimeSpan.FromMilliseconds(100) || MaxPollingInterval > TimeSpan.FromMinutes(1))
            {
                yield return "maxPollingInterval";
            }
            // Zero would use up all attempts in moments of an outage; what waits longer than an attempt or two is late at its next hop.
            if (VisibilityTimeout < TimeSpan.FromSeconds(1) || VisibilityTimeout > TimeSpan.FromSeconds(10))
            {
                yield return "visibilityTimeout";
            }
            // Beyond it the host keeps a message in a poison queue: the apps delete it before.
            if (MaxDequeueCount <= NodeTriggers.Attempts)
            {
                yield return "maxDequeueCount";
            }
            // Storage's own queues are written as base64 text by the apps' own code, which reads it too.
            if (MessageEncoding != "none")
            {
                yield return MessageEncoding == "base64" ? "messageEncoding: decoded twice" : "messageEncoding";
            }
        }
    }

    public sealed record ServiceBusOptions
    {
        public bool AutoCompleteMessages { get; init; } = true;

        public int PrefetchCount { get; init; }

        public TimeSpan MaxAutoLockRenewalDuration { get; init; } = TimeSpan.FromMinutes(5);

        public int MaxConcurrentCalls { get; init; } = 16;

        public IEnumerable<string> Problems()
        {
            // The apps settle.
            if (AutoCompleteMessages)
            {
                yield return "autoCompleteMessages";
            }
            // What is fetched ahead ages under its lock.
            if (PrefetchCount != 0)
            {
                yield return "prefetchCount";
            }
            if (MaxAutoLockRenewalDuration < TimeSpan.FromMinutes(1))
            {
                yield return "maxAutoLockRenewalDuration";
            }
            // Each held message takes one while it waits until it is due.
            if (MaxConcurrentCalls is < 32 or > 1000)
            {
                yield return "maxConcurrentCalls";
            }
        }
    }

    public sealed partial record DurableTaskOptions
    {
        public string HubName { get; init; } = "DurableFunctionsHub";

        public int MaxConcurrentActivityFunctions { get; init; } = 10;

        public int MaxConcurrentOrchestratorFunctions { get; init; } = 10;

        public StorageProviderOptions StorageProvider { get; init; } = new();

        public TracingOptions Tracing { get; init; } = new();

        public IEnumerable<string> Problems()
        {
            if (!Hub().IsMatch(HubName))
            {
                yield return "hubName";
            }
            if (MaxConcurrentActivityFunctions < 1 || MaxConcurrentOrchestratorFunctions < 1)
            {
                yield return "maxConcurrentFunctions";
            }
            if (!StorageProvider.Type.Equals("AzureStorage", StringComparison.OrdinalIgnoreCase) && StorageProvider.Type != "azureManaged")
            {
                yield return "type";
            }
            if (StorageProvider.PartitionCount is < 1 or > 16)
            {
                yield return "partitionCount";
            }
            // Boundaries come by these queues: the lead time is 20 s.
            if (StorageProvider.MaxQueuePollingInterval < TimeSpan.FromMilliseconds(100) || StorageProvider.MaxQueuePollingInterval > TimeSpan.FromSeconds(5))
            {
                yield return "maxQueuePollingInterval";
            }
            if (Tracing.DistributedTracingEnabled || Tracing.TraceInputsAndOutputs || Tracing.TraceReplayEvents)
            {
                yield return "tracing";
            }
        }

        [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,44}$")]
        private static partial Regex Hub();
    }

    public sealed record StorageProviderOptions
    {
        public string Type { get; init; } = "AzureStorage";

        public string ConnectionStringName { get; init; } = "AzureWebJobsStorage";

        public int PartitionCount { get; init; } = 4;

        public TimeSpan MaxQueuePollingInterval { get; init; } = TimeSpan.FromSeconds(30);
    }

    public sealed record TracingOptions
    {
        public bool DistributedTracingEnabled { get; init; }

        public bool TraceInputsAndOutputs { get; init; }

        public bool TraceReplayEvents { get; init; }
    }

    public sealed record LoggingOptions
    {
        static readonly string[] s_levels = ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"];

        /// <summary>never, always or debugOnly.</summary>
        public string FileLoggingMode { get; init; } = "debugOnly";

        public Dictionary<string, string> LogLevel { get; init; } = [];

        public IEnumerable<string> Problems()
        {
            if (FileLoggingMode != "never")
            {
                yield return "fileLoggingMode";
            }
            // A line for each execution would be a log of who sent when.
            foreach (string category in ((string[])["Function", "Host.Results", "Host.Aggregator"]).Where(category => LogLevel.GetValueOrDefault(category) != "None"))
            {
                yield return category;
            }
            foreach ((string category, string level) in LogLevel.Where(level => Array.IndexOf(s_levels, level.Value) < Array.IndexOf(s_levels, "Warning")))
            {
                yield return $"{category}: {level}";
            }
            if (!LogLevel.ContainsKey("default"))
            {
                yield return "default";
            }
        }
    }
}
