using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Funion.Mixing;

namespace Funion.Roles;

/// <summary>
/// Runs a node's roles in a process: takes deliveries from its queues, asks the role, carries out the effects, completes the delivery.
/// The order is what makes it crash-safe: a delivery is completed last, so whatever was cut off is repeated, and every effect is idempotent.
/// In the cloud the host's triggers do this instead.
/// </summary>
public sealed class NodePump : Actor
{
    const int MostRounds = 4;

    static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    readonly PacketQueue _queue;
    readonly EffectRunner _runner;
    readonly Line[] _lines;
    readonly PumpOptions _options;
    readonly RandomSource _random;
    readonly TimeProvider _time;
    readonly HopCounters _counters;
    readonly ConcurrentBag<Delivery> _cutOff = [];
    readonly DateTimeOffset _began;
    DateTimeOffset _nextPoll;

    /// <summary>Makes a pump; nothing happens before its first step.</summary>
    public NodePump(
        PacketQueue queue, EffectRunner runner, IReadOnlyList<QueueHandler> handlers, PumpOptions options, RandomSource random, TimeProvider time,
        HopCounters counters)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        _queue = queue;
        _runner = runner;
        _lines = [.. handlers.Select(handler => new Line(handler))];
        _options = options;
        _random = random;
        _time = time;
        _counters = counters;
        _began = time.GetUtcNow();
    }

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        DateTimeOffset next = DateTimeOffset.MaxValue;
        foreach (Line line in _lines)
        {
            DateTimeOffset wanted = await DrainAsync(line, cancellation);
            next = wanted < next ? wanted : next;
        }
        if (_options.Poll > TimeSpan.Zero)
        {
            DateTimeOffset now = _time.GetUtcNow();
            _nextPoll = _nextPoll > now ? _nextPoll : now + _options.Poll;
            next = _nextPoll < next ? _nextPoll : next;
        }
        return next;
    }

    /// <summary>
    /// Gives back what this pump has in hand, once it steps no more: whoever goes on with the queues need not wait for the leases, which would end after
    /// packets and slots are long overdue.
    /// </summary>
    public async ValueTask HandBackAsync(CancellationToken cancellation)
    {
        Delivery[] inHand = [.. _lines.SelectMany(line => line.Held.Concat(line.Again.Select(again => again.Delivery))), .. _cutOff];
        foreach (Delivery delivery in inHand)
        {
            await TryAsync(() => _queue.AbandonAsync(delivery, cancellation));
        }
        foreach (Line line in _lines)
        {
            line.Held.Clear();
            line.Again.Clear();
        }
        _cutOff.Clear();
    }

    async ValueTask<DateTimeOffset> DrainAsync(Line line, CancellationToken cancellation)
    {
        QueueHandler handler = line.Handler;
        // Released before, and a port was away: within the slack it is tried again. Such a delay says nothing of the load.
        while (line.Again.TryPeek(out (Delivery Delivery, DateTimeOffset At) first) && first.At <= _time.GetUtcNow() && line.Again.TryDequeue(out first))
        {
            await HandleAllAsync(line, [first.Delivery], cancellation);
        }
        // A few rounds only: a flood of one queue must not keep what is due in another from leaving.
        for (int round = 0; ; round++)
        {
            if (round == MostRounds)
            {
                return _time.GetUtcNow();
            }
            IReadOnlyList<Delivery> taken;
            try
            {
                taken = await _queue.ReceiveAsync(handler.Queue, _options.Batch, _options.Lease, cancellation);
            }
            catch (PortUnavailableException)
            {
                return _time.GetUtcNow() + s_again;
            }
            if (handler.Due is null)
            {
                await HandleAllAsync(line, handler.Patience is null ? taken : await InTimeAsync(handler, taken), cancellation);
            }
            else
            {
                // A lease that ended while its message was held: the later delivery counts, and a due time that never comes is no packet's.
                line.Held.RemoveAll(held => taken.Any(delivery => delivery.Id == held.Id));
                line.Held.AddRange(taken);
                await DropAsync(line.Held.FindAll(held => held.Attempt > _options.Attempts), line, cancellation);
                await ReleaseAsync(line, cancellation);
            }
            if (taken.Count < _options.Batch)
            {
                break;
            }
        }
        DateTimeOffset next = _options.NextVisible?.Invoke(handler.Queue) ?? DateTimeOffset.MaxValue;
        if (line.Again.TryPeek(out (Delivery Delivery, DateTimeOffset At) waiting))
        {
            next = waiting.At < next ? waiting.At : next;
        }
        foreach (Delivery delivery in line.Held)
        {
            DateTimeOffset due = handler.Due!(delivery);
            next = due < next ? due : next;
        }
        return next;
    }

    async ValueTask DropAsync(List<Delivery> deliveries, Line line, CancellationToken cancellation)
    {
        foreach (Delivery delivery in deliveries)
        {
            _counters.CountRefused();
            line.Held.Remove(delivery);
            await TryAsync(() => _queue.CompleteAsync(delivery, cancellation));
        }
    }

    /// <summary>Drops what lay too long, and says how long the rest did.</summary>
    async ValueTask<IReadOnlyList<Delivery>> InTimeAsync(QueueHandler handler, IReadOnlyList<Delivery> taken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (Delivery delivery in taken)
        {
            // What a process before this one left says nothing of the load, nor what comes a second time.
            _options.Gauge?.Report(delivery.Since > _began && delivery.Attempt == 1 ? now - delivery.Since.Value - _options.Poll : TimeSpan.Zero);
            if (handler.Lay(delivery, now) > handler.Patience)
            {
                _counters.CountLate();
                await TryAsync(() => _queue.CompleteAsync(delivery, CancellationToken.None));
            }
        }
        return [.. taken.Where(delivery => !(handler.Lay(delivery, now) > handler.Patience))];
    }

    async ValueTask ReleaseAsync(Line line, CancellationToken cancellation)
    {
        QueueHandler handler = line.Handler;
        DateTimeOffset now = _time.GetUtcNow();
        List<Delivery> due = [.. line.Held.Where(delivery => handler.Due!(delivery) <= now)];
        if (due.Count == 0)
        {
            return;
        }
        if (!handler.Slots)
        {
            // What a process before this one left overdue says nothing of the load.
            DateTimeOffset oldest = due.Min(handler.Due!);
            _options.Gauge?.Report(now - (oldest > _began ? oldest : _began));
        }
        foreach (Delivery late in due.Where(delivery => now - handler.Due!(delivery) > handler.Slack))
        {
            if (!handler.Slots)
            {
                _counters.CountLate();
            }
            await TryAsync(() => _queue.CompleteAsync(late, cancellation));
        }
        line.Held.RemoveAll(delivery => handler.Due!(delivery) <= now);
        due.RemoveAll(delivery => now - handler.Due!(delivery) > handler.Slack);
        _random.Shuffle(CollectionsMarshal.AsSpan(due));
        await HandleAllAsync(line, due, cancellation);
    }

    async ValueTask HandleAllAsync(Line line, IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        // Started in order, awaited together: over a network store the round trips overlap, in memory each is done before the next begins.
        List<Task>? pending = null;
        foreach (Delivery delivery in deliveries)
        {
            ValueTask work = HandleAsync(line, delivery, cancellation);
            if (!work.IsCompletedSuccessfully)
            {
                (pending ??= []).Add(work.AsTask());
            }
        }
        if (pending is not null)
        {
            await Task.WhenAll(pending);
        }
    }

    async ValueTask HandleAsync(Line line, Delivery delivery, CancellationToken cancellation)
    {
        if (delivery.Attempt > _options.Attempts)
        {
            _counters.CountPoison();
            await TryAsync(() => _queue.CompleteAsync(delivery, cancellation));
            return;
        }
        try
        {
            await _runner.RunAsync(await line.Handler.Handle(delivery, cancellation), cancellation);
            await _queue.CompleteAsync(delivery, cancellation);
        }
        catch (PortUnavailableException)
        {
            // Unfinished: the lease ends, the message comes again with the same id, and the gate lets the work be finished. A held one would come back past
            // its slack, so this pump tries itself, as long as the slack lasts.
            DateTimeOffset at = _time.GetUtcNow() + s_again;
            if (line.Handler.Due is { } due && at - due(delivery) < line.Handler.Slack)
            {
                line.Again.Enqueue((delivery, at));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _cutOff.Add(delivery);
            throw;
        }
        catch (Exception error) when (Bugs.IsOne(error))
        {
            _counters.CountPoison();
            await TryAsync(() => _queue.CompleteAsync(delivery, cancellation));
        }
    }

    static async ValueTask TryAsync(Func<ValueTask> operation)
    {
        try
        {
            await operation();
        }
        catch (PortUnavailableException)
        {
            // The lease ends and the message comes again.
        }
    }

    /// <summary>One queue and what of it is in hand: held until it is due, and to be tried again.</summary>
    sealed class Line(QueueHandler handler)
    {
        public QueueHandler Handler => handler;

        public List<Delivery> Held { get; } = [];

        public ConcurrentQueue<(Delivery Delivery, DateTimeOffset At)> Again { get; } = [];
    }
}
