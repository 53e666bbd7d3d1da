namespace Funion.Client;

/// <summary>A request until it is answered or given up.</summary>
sealed class PendingRequest(ServiceAddress service, ReadOnlyMemory<byte> payload)
{
    public ServiceAddress Service => service;

    public ReadOnlyMemory<byte> Payload => payload;

    // Continuations run inline on purpose: in virtual time the whole network is one thread.
    public TaskCompletionSource<ReadOnlyMemory<byte>> Answer { get; } = new();

    public bool IsDone => Answer.Task.IsCompleted;

    /// <summary>When it is sent again, unless it is answered.</summary>
    public DateTimeOffset Patience { get; set; }
}
