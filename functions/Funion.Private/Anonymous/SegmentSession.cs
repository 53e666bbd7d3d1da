using Funion.Private.Protocol;

namespace Funion.Private.Anonymous;

/// <summary>
/// A server's end of a session: its protocol runs for as long as there are bytes, and waits for the next piece without holding a thread. What it has said is
/// kept, so that a piece of it can be asked for again.
/// </summary>
sealed class SegmentSession : MessageChannel
{
    /// <summary>Pieces that overtake others.</summary>
    const int MostAhead = 1 << 22;

    readonly Lock _lock = new();
    readonly OrderedBytes _in = new(MostAhead);
    readonly MemoryStream _out = new();
    readonly CancellationTokenSource _stop = new();
    TaskCompletionSource? _waiting;
    TaskCompletionSource _quiet = New();
    int _need;
    volatile bool _busy;
    Task _serving = Task.CompletedTask;

    public SegmentSession() : base(ChannelKind.Anonymous)
    {
    }

    /// <summary>When a piece came last.</summary>
    public DateTimeOffset Used { get; set; }

    /// <summary>Whether the server has ended it.</summary>
    public bool IsOver => _serving.IsCompleted;

    /// <summary>Bytes of the client's that came in a row.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _in.Taken;
            }
        }
    }

    /// <summary>Whether it ever came to more than an offer: a place was reserved for it, or material taken.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether nothing is under way: what was begun is done, or nothing was.</summary>
    public bool Rests => IsOver || !_busy;

    /// <summary>A phase is under way, with all that its client must bring to begin it.</summary>
    public void BeginPhase() => HasBegun = _busy = true;

    /// <summary>Begins to serve.</summary>
    public void Begin(TwoPartyServer server) => _serving = Task.Run(async () =>
    {
        try
        {
            while (await server.ServeOneAsync(this, _stop.Token) == ProtocolOutcome.Done)
            {
                _busy = false;
            }
        }
        catch (OperationCanceledException)
        {
            // It was displaced, or the process ends.
        }
        finally
        {
            lock (_lock)
            {
                _quiet.TrySetResult();
            }
        }
    });

    /// <summary>Takes a piece; completes when the server has done all that it can with it.</summary>
    public async Task TakeAsync(int offset, ReadOnlyMemory<byte> bytes)
    {
        Task quiet;
        lock (_lock)
        {
            _in.Add(offset, bytes.Span);
            if (_waiting is { } waiting && _in.Available >= _need && !IsOver)
            {
                (_waiting, _quiet) = (null, New());
                waiting.SetResult();
            }
            quiet = _quiet.Task;
        }
        // A server that ends sets its own last quiet.
        await Task.WhenAny(quiet, _serving);
    }

    /// <summary>An answer with what is there from an offset on.</summary>
    public byte[] Answer(int size, int wanted)
    {
        lock (_lock)
        {
            int there = (int)_out.Length, from = Math.Min(wanted, there), count = Math.Min(there - from, size - Segment.DownHeader);
            return Segment.Down(size, IsOver ? Segment.Over : Segment.Open, _in.Taken, there, from, _out.GetBuffer().AsSpan(from, count));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_lock)
        {
            _waiting?.TrySetCanceled();
        }
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _out.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _out.Write(header.Span);
            _out.Write(body.Span);
        }
        return ValueTask.FromResult(true);
    }

    protected override async ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Task? wait = null;
        lock (_lock)
        {
            if (_in.Available < bytes.Length)
            {
                _need = bytes.Length;
                _waiting = New();
                wait = _waiting.Task;
                _quiet.TrySetResult();
            }
        }
        if (wait is not null)
        {
            await wait;
        }
        lock (_lock)
        {
            _in.Read(bytes.Span);
        }
        return true;
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
