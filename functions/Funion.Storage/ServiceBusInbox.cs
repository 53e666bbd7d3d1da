using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// The receiving side of one queue in one process.
/// <para>
/// A receive leaves credit with the broker when it ends without as many messages as it asked for, and the client throws back whatever then arrives while
/// nobody receives, as often as there is credit. So somebody always receives here as long as somebody asks: what comes waits in a room of the size
/// last asked for, under the broker's lock, and whoever asks finds it there. Whoever finds the room empty waits only until a receive has
/// been open for long enough to tell that the broker has nothing. What the client throws back after the last receive is counted as no delivery.
/// </para>
/// </summary>
sealed class ServiceBusInbox : IAsyncDisposable
{
    /// <summary>Messages that one process holds of one queue, taken or waiting to be; more are left to the broker.</summary>
    public const int MostHeld = 4096;

    /// <summary>A receive that was open for this long has been sent what is there: a few round trips, and the client's wait for a second message.</summary>
    static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100);

    /// <summary>Whoever has not asked for this long gets no more messages put by, and those that were go back.</summary>
    static readonly TimeSpan s_attention = TimeSpan.FromSeconds(2);

    /// <summary>Short, for a receive is never cut off: the client would lose what has just come until its lock ends.</summary>
    static readonly TimeSpan s_receive = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    readonly ServiceBusReceiver _receiver;
    readonly Lock _gate = new();
    readonly CancellationTokenSource _ending = new();
    readonly Dictionary<string, LockedMessage> _held = new(StringComparer.Ordinal);
    readonly Queue<LockedMessage> _room = new();
    TaskCompletionSource _changed = NewChange();
    Task _receiving = Task.CompletedTask;
    bool _isReceiving;
    int _window;
    long _asked;
    long _touched;
    long _received;
    /// <summary>Since when a receive is open that nothing came of; null when none is known to be open.</summary>
    long? _quiet;
    /// <summary>The last receive got less than it asked for: there was no more.</summary>
    bool _drained;
    Exception? _failure;

    public ServiceBusInbox(ServiceBusReceiver receiver)
    {
        _receiver = receiver;
        _touched = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
    }

    /// <summary>What was sent or given back a moment ago is on its way here.</summary>
    public void Touch()
    {
        lock (_gate)
        {
            _touched = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Takes up to <paramref name="most"/> messages under a lease; throws what the client throws.</summary>
    public async ValueTask<IReadOnlyList<LockedMessage>> TakeAsync(int most, TimeSpan lease, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Ask(most);
        List<LockedMessage> taken = [];
        while (true)
        {
            Task changed;
            TimeSpan patience;
            lock (_gate)
            {
                TakeFromRoom(taken, most, lease);
                if (taken.Count == most || (taken.Count > 0 && _drained))
                {
                    return taken;
                }
                if (_failure is { } failure && taken.Count == 0)
                {
                    throw failure;
                }
                patience = Patience();
                if (!_isReceiving || (patience <= TimeSpan.Zero && patience != Timeout.InfiniteTimeSpan))
                {
                    return taken;
                }
                changed = _changed.Task;
            }
            await Task.WhenAny(changed, Task.Delay(patience, cancellation));
            if (cancellation.IsCancellationRequested)
            {
                // What was taken out of the room is leased to nobody who knows of it.
                await GiveBackAsync(taken);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>The message of a receipt; null when its lease ended, or it was settled.</summary>
    public LockedMessage? Find(string receipt)
    {
        lock (_gate)
        {
            return _held.GetValueOrDefault(receipt);
        }
    }

    /// <summary>How many messages wait, visible or not, up to <paramref name="most"/>; throws what the client throws.</summary>
    public async ValueTask<int> CountAsync(int most, CancellationToken cancellation)
    {
        int count = 0;
        long from = 0;
        while (count < most)
        {
            IReadOnlyList<ServiceBusReceivedMessage> page = await _receiver.PeekMessagesAsync(most - count, from, cancellation);
            if (page.Count == 0)
            {
                break;
            }
            count += page.Count;
            from = page[^1].SequenceNumber + 1;
        }
        return count;
    }

    /// <summary>Gives back what waits for somebody to ask; what was taken is let go when its lock ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        // What it still brings goes back below; only where the broker is away does it take longer.
        await Task.WhenAny(_receiving, Task.Delay(s_farewell));
        List<LockedMessage> waiting, taken;
        lock (_gate)
        {
            waiting = [.. _room];
            taken = [.. _held.Values.Except(waiting)];
            _room.Clear();
        }
        await GiveBackAsync(waiting);
        taken.ForEach(message => message.Dispose());
        try
        {
            await _receiver.DisposeAsync();
        }
        catch (Exception e) when (ServiceBusFailure.Is(e, CancellationToken.None))
        {
            // It asks the broker for its credit back, and the broker may be away.
        }
        _ending.Dispose();
    }

    static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    static async Task GiveBackAsync(List<LockedMessage> messages)
    {
        using CancellationTokenSource farewell = new(s_farewell);
        await Task.WhenAll(messages.Select(async message =>
        {
            try
            {
                await message.AbandonAsync(farewell.Token);
            }
            catch (Exception e) when (ServiceBusFailure.Is(e, CancellationToken.None))
            {
                message.Dispose();
            }
        }));
    }

    void Ask(int most)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            _asked = Stopwatch.GetTimestamp();
            if (_window != most)
            {
                _window = most;
                Change();
            }
            if (!_isReceiving)
            {
                _isReceiving = true;
                _failure = null;
                _quiet = null;
                _drained = false;
                // Receiving outlives this call, and must not carry its Activity along.
                using (ExecutionContext.SuppressFlow())
                {
                    _receiving = Task.Run(ReceiveAsync);
                }
            }
        }
    }

    void TakeFromRoom(List<LockedMessage> taken, int most, TimeSpan lease)
    {
        bool changes = false;
        while (taken.Count < most && _room.TryDequeue(out LockedMessage? next))
        {
            changes = true;
            if (next.TryLease(lease))
            {
                taken.Add(next);
            }
        }
        if (changes)
        {
            Change();
        }
    }

    /// <summary>How much longer something may come of the receive that is open.</summary>
    TimeSpan Patience()
    {
        if (_held.Count >= MostHeld)
        {
            return TimeSpan.Zero;
        }
        // The client tries again by itself when the broker goes away, and then a receive takes longer than it was told to.
        if (_quiet is not { } quiet || Stopwatch.GetElapsedTime(_received) > s_receive + s_glance)
        {
            // It ends, one way or the other.
            return Timeout.InfiniteTimeSpan;
        }
        return s_glance - Stopwatch.GetElapsedTime(Math.Max(quiet, _touched));
    }

    async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                int wanted;
                bool opens;
                Task changed;
                lock (_gate)
                {
                    if (_ending.IsCancellationRequested || Stopwatch.GetElapsedTime(_asked) > s_attention)
                    {
                        break;
                    }
                    wanted = Math.Min(_window - _room.Count, MostHeld - _held.Count);
                    if (wanted <= 0)
                    {
                        _quiet = null;
                    }
                    opens = _quiet is null;
                    _received = Stopwatch.GetTimestamp();
                    changed = _changed.Task;
                }
                if (wanted <= 0)
                {
                    await changed.WaitAsync(s_receive, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }
                Keep(await _receiver.ReceiveMessagesAsync(wanted, opens ? s_glance : s_receive), wanted, opens);
            }
            Stop(null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Stop(e);
        }
    }

    void Keep(IReadOnlyList<ServiceBusReceivedMessage> messages, int wanted, bool opens)
    {
        lock (_gate)
        {
            foreach (ServiceBusReceivedMessage message in messages)
            {
                LockedMessage held = new(message, _receiver, s_attention, Over);
                _held[held.Receipt] = held;
                _room.Enqueue(held);
            }
            long now = Stopwatch.GetTimestamp();
            _drained = messages.Count < wanted;
            // The first receive has just been open for a glance, if it brought nothing; another that brought nothing goes on with the quiet there was.
            _quiet = messages.Count > 0 ? now : opens ? now - Stopwatch.Frequency : _quiet;
            Change();
        }
    }

    void Stop(Exception? failure)
    {
        lock (_gate)
        {
            _isReceiving = false;
            _failure = failure;
            _quiet = null;
            Change();
        }
    }

    void Change()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewChange();
        changed.SetResult();
    }

    void Over(LockedMessage message)
    {
        lock (_gate)
        {
            _held.Remove(message.Receipt);
            Change();
        }
    }
}
