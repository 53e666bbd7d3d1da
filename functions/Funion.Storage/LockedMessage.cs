using Azure.Messaging.ServiceBus;

namespace Funion.Storage;

/// <summary>
/// A message under the broker's lock, kept for as long as its holder was promised: the lock is renewed until then, and given up then. Whoever is first
/// to complete, abandon or outlive it ends it; all others find it over.
/// </summary>
sealed class LockedMessage : IDisposable
{
    // The shortest lock of a queue is 5 s; less would only come of a clock that is ahead of the broker's.
    static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(250);

    readonly Lock _gate = new();
    readonly ServiceBusReceiver _receiver;
    readonly Action<LockedMessage> _over;
    readonly Timer _timer;
    long _end;
    long _renew;
    bool _settling;
    bool _isOver;

    /// <param name="message">Just received.</param>
    /// <param name="receiver">What it came from.</param>
    /// <param name="hold">For how long it is kept before anybody takes it.</param>
    /// <param name="over">Told once, when it is this process's no more.</param>
    public LockedMessage(ServiceBusReceivedMessage message, ServiceBusReceiver receiver, TimeSpan hold, Action<LockedMessage> over)
    {
        Message = message;
        _receiver = receiver;
        _over = over;
        _timer = new Timer(static state => _ = ((LockedMessage)state!).OnTimerAsync(), this, Timeout.Infinite, Timeout.Infinite);
        lock (_gate)
        {
            _end = After(hold);
            Locked();
        }
    }

    public ServiceBusReceivedMessage Message { get; }

    public string Receipt => Message.LockToken;

    /// <summary>Promises it to a taker from now on. False when it is over.</summary>
    public bool TryLease(TimeSpan lease)
    {
        lock (_gate)
        {
            if (_settling || _isOver)
            {
                return false;
            }
            _end = After(lease);
            Schedule();
            return true;
        }
    }

    /// <summary>Completes it. False when it was over; what the client throws when the broker was away, and then it is still held.</summary>
    public ValueTask<bool> CompleteAsync(CancellationToken cancellation) =>
        SettleAsync(static (self, token) => self._receiver.CompleteMessageAsync(self.Message, token), cancellation);

    /// <summary>Gives it back. Otherwise as <see cref="CompleteAsync"/>.</summary>
    public ValueTask<bool> AbandonAsync(CancellationToken cancellation) =>
        SettleAsync(static (self, token) => self._receiver.AbandonMessageAsync(self.Message, cancellationToken: token), cancellation);

    /// <summary>Forgets it: nothing renews the lock any more, and the broker lets it go.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }
            _isOver = true;
        }
        _timer.Dispose();
        _over(this);
    }

    async ValueTask<bool> SettleAsync(Func<LockedMessage, CancellationToken, Task> how, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_settling || _isOver)
            {
                return false;
            }
            _settling = true;
        }
        try
        {
            await how(this, cancellation);
            Dispose();
            return true;
        }
        catch (Exception e) when (ServiceBusFailure.IsLeaseLost(e))
        {
            Dispose();
            return false;
        }
        finally
        {
            lock (_gate)
            {
                _settling = false;
                Schedule();
            }
        }
    }

    async Task OnTimerAsync()
    {
        bool ended;
        lock (_gate)
        {
            if (_settling || _isOver)
            {
                return;
            }
            ended = _end <= Environment.TickCount64;
        }
        try
        {
            if (ended)
            {
                await AbandonAsync(CancellationToken.None);
                return;
            }
            await _receiver.RenewMessageLockAsync(Message, CancellationToken.None);
            lock (_gate)
            {
                Locked();
            }
        }
        catch (Exception e) when (!ended && !ServiceBusFailure.IsLeaseLost(e) && ServiceBusFailure.Is(e, CancellationToken.None))
        {
            // Still held, as far as anybody knows; the broker says otherwise when it can be reached again.
            lock (_gate)
            {
                _renew = After(TimeSpan.FromSeconds(1));
                Schedule();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its lock ends by itself, if it has not yet.
            Dispose();
        }
    }

    /// <summary>Renewal is due at half of what is left, which leaves room for clocks that disagree.</summary>
    void Locked()
    {
        _renew = After((Message.LockedUntil - DateTimeOffset.UtcNow) / 2);
        Schedule();
    }

    void Schedule()
    {
        if (!_isOver)
        {
            long wait = Math.Min(_end, _renew) - Environment.TickCount64;
            _timer.Change(Math.Clamp(wait, 0, int.MaxValue), Timeout.Infinite);
        }
    }

    static long After(TimeSpan time) => Environment.TickCount64 + (long)Math.Ceiling(Math.Max(s_shortest.TotalMilliseconds, time.TotalMilliseconds));
}
