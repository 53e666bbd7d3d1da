using System.Collections.Concurrent;
using Azure.Core;
using Azure.Messaging.ServiceBus;

namespace Funion.Storage;

/// <summary>
/// A Service Bus namespace, in which each node has its queues under a prefix of its own. All of them share one connection, which opens when it is first
/// used. The identity needs to send to and receive from the node's queues, and nothing else.
/// </summary>
public sealed class ServiceBusNamespace : IAsyncDisposable
{
    readonly ServiceBusClient _client;
    readonly ConcurrentBag<ServiceBusPacketQueue> _queues = [];

    ServiceBusNamespace(ServiceBusClient client) => _client = client;

    /// <summary>By connection string: the emulator's, as a rule.</summary>
    public static ServiceBusNamespace Of(string connectionString) => new(new ServiceBusClient(connectionString, Options()));

    /// <summary>By name, as in <c>example.servicebus.windows.net</c>, and an identity, without a key.</summary>
    public static ServiceBusNamespace Of(string fullyQualifiedNamespace, TokenCredential credential) =>
        new(new ServiceBusClient(fullyQualifiedNamespace, credential, Options()));

    /// <summary>Options for a client of one's own making. It logs nothing but to listeners of its event source, so attach none.</summary>
    public static ServiceBusClientOptions Options() => new()
    {
        RetryOptions = new ServiceBusRetryOptions
        {
            Mode = ServiceBusRetryMode.Exponential,
            MaxRetries = 3,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(2),
            TryTimeout = TimeSpan.FromSeconds(15),
        },
    };

    /// <summary>A node's queues; disposed with the namespace, if not before.</summary>
    /// <param name="prefix">What their names begin with.</param>
    public ServiceBusPacketQueue Queue(string prefix)
    {
        ServiceBusPacketQueue queue = new(_client, prefix);
        _queues.Add(queue);
        return queue;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_queues.Select(queue => queue.DisposeAsync().AsTask()));
        await _client.DisposeAsync();
    }
}
