namespace Funion.Client;

/// <summary>A request until it is answered or given up.</summary>
sealed class PendingRequest(ServiceAddress service, ReadOnlyMemory<byte> payload, bool first, TaskCreationOptions continuations)
{
    public ServiceAddress Service => service;

    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>Goes before all that do not.</summary>
    public bool First => first;

    public TaskCompletionSource<ReadOnlyMemory<byte>> Answer { get; } = new(continuations);

    public bool IsDone => Answer.Task.IsCompleted;

    /// <summary>When it is sent again, unless it is answered.</summary>
    public DateTimeOffset Patience { get; set; }
}
