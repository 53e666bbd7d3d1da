using Funion.Mixing;
using Funion.Roles;

namespace Funion.Hosting;

/// <summary>
/// What a host's trigger does with one delivery. The host completes it when this says that it is finished, and delivers it again otherwise; the same order
/// as in a process's pump, so that whatever was cut off is repeated.
/// </summary>
/// <param name="parts">The node.</param>
/// <param name="queue">Its queues.</param>
/// <param name="pace">How promptly the host looks.</param>
/// <param name="random">Draws.</param>
/// <param name="time">Clock.</param>
/// <param name="ended">Cancelled when the node's next generation has begun.</param>
public sealed class NodeTriggers(
    NodeParts parts, PacketQueue queue, NodePace pace, RandomSource random, TimeProvider time, CancellationToken ended = default)
{
    /// <summary>Attempts after which a message is deleted: a poison queue would keep what must not be kept. The host's own limit lies above.</summary>
    public const int Attempts = 100;

    readonly Dictionary<string, QueueHandler> _handlers = ((QueueHandler[])[.. parts.Handlers, parts.Slots]).ToDictionary(handler => handler.Queue, StringComparer.Ordinal);

    /// <summary>Held so much longer than a poll, a message goes back on its queue: a function is paid for while it waits.</summary>
    TimeSpan LongestWait => pace.Lead + TimeSpan.FromSeconds(2);

    /// <summary>The queues on which the host listens.</summary>
    public IReadOnlyCollection<string> Queues => _handlers.Keys;

    /// <summary>Handles a delivery; false: it must come again.</summary>
    /// <exception cref="ArgumentException">The node has no such queue.</exception>
    public async ValueTask<bool> HandleAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (!_handlers.TryGetValue(delivery.Queue, out QueueHandler? handler))
        {
            throw new ArgumentException($"The node takes nothing from {delivery.Queue}.", nameof(delivery));
        }
        if (delivery.Attempt > Attempts)
        {
            parts.Counters.CountPoison();
            return true;
        }
        try
        {
            if (handler.Due is null ? IsInTime(handler, delivery) : await AwaitDueAsync(handler, delivery, cancellation))
            {
                if (ended.IsCancellationRequested)
                {
                    // Keys turned while it waited: what a role begins now, the next generation must know of.
                    return false;
                }
                await parts.Runner.RunAsync(await handler.Handle(delivery, cancellation), cancellation);
            }
            if (parts.Totals is { } totals)
            {
                await totals.ShareAsync(cancellation);
            }
            return true;
        }
        catch (PortUnavailableException)
        {
            return false;
        }
        catch (Exception error) when (Bugs.IsOne(error))
        {
            parts.Counters.CountPoison();
            return true;
        }
    }

    /// <summary>Whether a message has not lain too long.</summary>
    bool IsInTime(QueueHandler handler, Delivery delivery)
    {
        if (handler.Lay(delivery, time.GetUtcNow()) is not { } lay)
        {
            return true;
        }
        // A healthy node looks at its queue now and then only; what comes a second time says nothing of the load.
        parts.Gauge?.Report(delivery.Attempt == 1 ? lay - pace.Poll : TimeSpan.Zero);
        if (lay <= handler.Patience)
        {
            return true;
        }
        parts.Counters.CountLate();
        return false;
    }

    /// <summary>Waits until a held message is due; false: it is no longer for this invocation, or too late for any.</summary>
    async ValueTask<bool> AwaitDueAsync(QueueHandler handler, Delivery delivery, CancellationToken cancellation)
    {
        DateTimeOffset due = handler.Due!(delivery);
        TimeSpan early = due - time.GetUtcNow();
        if (early > LongestWait)
        {
            await queue.EnqueueAsync(delivery.Queue, delivery.Message, early - pace.Lead, cancellation);
            return false;
        }
        // What is overdue together leaves in random order, the later the more so: a mix that falls behind and keeps its order is a FIFO.
        TimeSpan left = handler.Slack + early, wait = early > TimeSpan.Zero ? early : left > TimeSpan.Zero ? random.NextDouble() * Min(-early, left) : TimeSpan.Zero;
        await Task.Delay(wait, time, cancellation);
        TimeSpan late = time.GetUtcNow() - due;
        if (!handler.Slots)
        {
            parts.Gauge?.Report(late);
        }
        if (late <= handler.Slack)
        {
            return true;
        }
        if (!handler.Slots)
        {
            parts.Counters.CountLate();
        }
        return false;
    }

    static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
