namespace Funion.Roles;

/// <summary>Drives actors by the clock of a <see cref="TimeProvider"/>, each on its own.</summary>
public sealed class ActorRunner(TimeProvider time)
{
    /// <summary>Runs an actor until it is cancelled. Ends without an exception then; any other exception of the actor ends it.</summary>
    public async Task RunAsync(Actor actor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(actor);
        using SemaphoreSlim bell = new(0, 1);
        void Ring()
        {
            try
            {
                bell.Release();
            }
            catch (SemaphoreFullException)
            {
                // Rung already; one look serves both.
            }
        }
        actor.Woken += Ring;
        try
        {
            while (true)
            {
                DateTimeOffset next = await actor.StepAsync(cancellation);
                await WaitAsync(bell, next, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            actor.Woken -= Ring;
        }
    }

    /// <summary>Ends when all have ended, or with the first fault: one that fails is a bug, and must not be a silence that the others cover up.</summary>
    public static async Task AllOrFirstFaultAsync(IEnumerable<Task> running)
    {
        List<Task> left = [.. running];
        while (left.Count > 0)
        {
            Task ended = await Task.WhenAny(left);
            left.Remove(ended);
            await ended;
        }
    }

    async ValueTask WaitAsync(SemaphoreSlim bell, DateTimeOffset next, CancellationToken cancellation)
    {
        // Not by way of Timeout.InfiniteTimeSpan: that is a millisecond before now, which a step may well name.
        if (next == DateTimeOffset.MaxValue)
        {
            await bell.WaitAsync(cancellation);
            return;
        }
        TimeSpan wait = next - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            // Rounded up: waking a tick early would only spin.
            TimeSpan rounded = TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), 3_600_000));
            await bell.WaitAsync(rounded, cancellation);
        }
        else
        {
            // Due already: let others have the thread.
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
