namespace Funion.Client;

/// <summary>A request until its answer: resent in a fresh packet with a fresh SURB whenever no answer came in time.</summary>
sealed class PendingRequest(ServiceAddress service, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
{
    public ServiceAddress Service { get; } = service;

    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public CancellationToken Cancellation { get; } = cancellation;

    // Continuations run inline on purpose: in virtual time the whole network is one thread.
    public TaskCompletionSource<ReadOnlyMemory<byte>> Answer { get; } = new();

    public DateTimeOffset ResendAt { get; set; } = DateTimeOffset.MaxValue;

    public bool IsOver => Answer.Task.IsCompleted || Cancellation.IsCancellationRequested;
}
