namespace Funion.Hosting;

/// <summary>Whose queues carry a node's packets.</summary>
public enum QueueKind
{
    /// <summary>Azure Queue Storage, in the node's own account: delays of whole seconds.</summary>
    Storage,

    /// <summary>Azure Service Bus: delays below a second.</summary>
    ServiceBus,
}
