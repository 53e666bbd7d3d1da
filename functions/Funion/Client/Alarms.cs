namespace Funion.Client;

/// <summary>Waiting by an actor's clock instead of a timer, so that a virtual clock moves it too.</summary>
sealed class Alarms(TaskCreationOptions continuations)
{
    readonly Lock _lock = new();
    readonly PriorityQueue<TaskCompletionSource, DateTimeOffset> _waiting = new();

    /// <summary>When the next one rings.</summary>
    public DateTimeOffset Next
    {
        get
        {
            lock (_lock)
            {
                return _waiting.TryPeek(out _, out DateTimeOffset due) ? due : DateTimeOffset.MaxValue;
            }
        }
    }

    public async Task WaitAsync(DateTimeOffset due, Action earlier, CancellationToken cancellation)
    {
        TaskCompletionSource alarm = new(continuations);
        using CancellationTokenRegistration registration = cancellation.Register(() => alarm.TrySetCanceled(cancellation));
        bool first;
        lock (_lock)
        {
            first = !_waiting.TryPeek(out _, out DateTimeOffset next) || due < next;
            _waiting.Enqueue(alarm, due);
        }
        if (first)
        {
            earlier();
        }
        await alarm.Task;
    }

    public void Ring(DateTimeOffset now)
    {
        while (TryTake(now) is { } alarm)
        {
            alarm.TrySetResult();
        }
    }

    TaskCompletionSource? TryTake(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _waiting.TryPeek(out _, out DateTimeOffset due) && due <= now ? _waiting.Dequeue() : null;
        }
    }
}
