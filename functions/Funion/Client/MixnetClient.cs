using System.Collections.Concurrent;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>
/// The constant-rate sender: one packet per slot, real if one waits, else a decoy; loops beside them; polls at their own rate. None of the three
/// clocks looks at what there is to say, so neither does anybody who watches. Every packet carries exactly one SURB that is answered.
/// References: Echomix (arXiv 2501.02933), sections 3 and 5.
/// </summary>
public sealed class MixnetClient : Actor, IDisposable
{
    /// <summary>One decoy in so many ends at compute, the others at couriers: about what real traffic does.</summary>
    const int ComputeShare = 8;

    /// <summary>After an epoch turned, its mailbox is still polled for so long: replies may be under way.</summary>
    static readonly TimeSpan s_overlap = TimeSpan.FromMinutes(10);

    readonly NetworkDocument _document;
    readonly SphinxGeometry _geometry;
    readonly GatewayConnection _gateway;
    readonly PathSelection _paths;
    readonly RandomSource _random;
    readonly TimeProvider _time;
    readonly PoissonClock _slots, _loops, _polls;
    readonly TimeSpan _slop;
    readonly SecretBytes _secret = new(32);

    readonly LinkedList<PendingRequest> _waiting = [];
    readonly List<PendingRequest> _underWay = [];
    readonly PriorityQueue<TaskCompletionSource, DateTimeOffset> _timers = new();
    readonly Dictionary<SurbId, (SurbSecret Secret, PendingRequest? Request, DateTimeOffset Lost)> _surbs = [];
    readonly Dictionary<long, byte[]> _cursors = [];
    readonly ConcurrentQueue<Action> _posted = [];
    readonly Lock _lock = new();
    bool _polling, _pollBefore;
    long _sent, _received, _returned, _lost, _resends;

    /// <summary>Makes a sender at a gateway; it begins to send with its first step.</summary>
    public MixnetClient(
        NetworkDocument document, NodeDescriptor gatewayNode, GatewayConnection gateway, SenderRates rates, RandomSource random, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(time);
        _document = document;
        _geometry = new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops);
        _gateway = gateway;
        _paths = new PathSelection(document, gatewayNode, random);
        _random = random;
        _time = time;
        DateTimeOffset now = time.GetUtcNow();
        _slots = new PoissonClock(rates.Slots, now, random);
        _loops = new PoissonClock(rates.Loops, now, random);
        _polls = new PoissonClock(rates.Polls, now, random);
        // Beyond the delays that a packet was told: waiting for a poll, and for queues on the way.
        _slop = TimeSpan.FromSeconds(5) + (4 * rates.Polls) + (4 * document.Rates.MeanDelay);
        RandomNumberGenerator.Fill(_secret.Span);
    }

    /// <summary>The network this sender speaks to.</summary>
    public NetworkDocument Document => _document;

    /// <summary>Clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>Draws.</summary>
    public RandomSource Random => _random;

    /// <summary>Totals so far.</summary>
    public LoopStatistics Statistics => new(
        Interlocked.Read(ref _sent), Interlocked.Read(ref _received), Interlocked.Read(ref _returned), Interlocked.Read(ref _lost),
        Interlocked.Read(ref _resends));

    /// <summary>
    /// Asks a service: <paramref name="payload"/> is exactly a user payload, the answer exactly a reply payload. Waits for a slot, resends until an
    /// answer comes. Cancelling it leaves no trace: its slots carry decoys instead.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>> RequestAsync(ServiceAddress service, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentOutOfRangeException.ThrowIfNotEqual(payload.Length, _geometry.UserPayload);
        PendingRequest request = new(service, payload, cancellation);
        lock (_lock)
        {
            _waiting.AddLast(request);
        }
        await using CancellationTokenRegistration registration = cancellation.Register(() => request.Answer.TrySetCanceled(cancellation));
        return await request.Answer.Task;
    }

    /// <summary>Completes at a time of this client's clock.</summary>
    public async Task DelayUntilAsync(DateTimeOffset due, CancellationToken cancellation)
    {
        TaskCompletionSource done = new();
        lock (_lock)
        {
            _timers.Enqueue(done, due);
        }
        Wake();
        await using CancellationTokenRegistration registration = cancellation.Register(() => done.TrySetCanceled(cancellation));
        await done.Task;
    }

    /// <inheritdoc/>
    public override ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        while (_posted.TryDequeue(out Action? work))
        {
            work();
        }
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset timer = RingTimers(now);
        Expire(now);
        if (_slots.TryTake(now))
        {
            Send(NextRequest(), now, cancellation);
        }
        if (_loops.TryTake(now))
        {
            Send(null, now, cancellation);
        }
        // One poll at a time, and each at its own slot: a poll that is due while one is out is left out.
        if (_polls.TryTake(now) && !_polling)
        {
            Poll(now, cancellation);
        }
        return ValueTask.FromResult(Earliest(Earliest(_slots.Next, _loops.Next), Earliest(_polls.Next, timer)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((SurbSecret secret, _, _) in _surbs.Values)
        {
            secret.Dispose();
        }
        _secret.Dispose();
    }

    DateTimeOffset RingTimers(DateTimeOffset now)
    {
        while (true)
        {
            TaskCompletionSource? done;
            lock (_lock)
            {
                if (!_timers.TryPeek(out done, out DateTimeOffset due))
                {
                    return DateTimeOffset.MaxValue;
                }
                if (due > now)
                {
                    return due;
                }
                _timers.Dequeue();
            }
            done.TrySetResult();
        }
    }

    PendingRequest? NextRequest()
    {
        lock (_lock)
        {
            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (!first.Value.IsOver)
                {
                    return first.Value;
                }
            }
            return null;
        }
    }

    void Expire(DateTimeOffset now)
    {
        _underWay.RemoveAll(request => request.IsOver);
        foreach (PendingRequest request in _underWay.Where(request => request.ResendAt <= now).ToArray())
        {
            _underWay.Remove(request);
            Interlocked.Increment(ref _resends);
            lock (_lock)
            {
                _waiting.AddLast(request);
            }
        }
        foreach ((SurbId id, (SurbSecret secret, PendingRequest? request, _)) in _surbs.Where(entry => entry.Value.Lost <= now).ToArray())
        {
            _surbs.Remove(id);
            secret.Dispose();
            if (request is null)
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }

    void Send(PendingRequest? request, DateTimeOffset now, CancellationToken cancellation)
    {
        ServiceAddress service = request?.Service ?? Decoy();
        long epoch = _document.EpochAt(now);
        PathHop[] forward = _paths.Forward(service.Node, epoch), back = _paths.Back(epoch);
        byte[] mailboxSecret = MailboxSecret(epoch);
        byte[] surb = Surb.Create(_geometry, back, MailboxRequest.MailboxId(mailboxSecret, epoch), out SurbSecret secret);
        byte[] packet = SphinxPacket.Build(
            _geometry, forward, service.Recipient, surb, request is null ? new byte[_geometry.UserPayload] : request.Payload.Span);
        DateTimeOffset expected = now + PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + _slop;
        _surbs.Add(secret.Id, (secret, request, expected + TimeSpan.FromMinutes(2)));
        if (request is not null)
        {
            request.ResendAt = expected;
            _underWay.Add(request);
        }
        Interlocked.Increment(ref _sent);
        _ = SubmitAsync(packet, request, cancellation);
    }

    async Task SubmitAsync(byte[] packet, PendingRequest? request, CancellationToken cancellation)
    {
        try
        {
            await _gateway.SubmitAsync(packet, cancellation);
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException)
        {
            // Not taken: due again at once, in a fresh packet.
            Post(() => request?.ResendAt = DateTimeOffset.MinValue);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    void Poll(DateTimeOffset now, CancellationToken cancellation)
    {
        long epoch = _document.EpochAt(now);
        _pollBefore = !_pollBefore;
        if (_pollBefore && now - _document.EpochStart(epoch) < s_overlap)
        {
            epoch--;
        }
        byte[] cursor = _cursors.GetValueOrDefault(epoch) ?? new byte[_document.Mailbox.PacketsPerPoll * SurbId.Size];
        _polling = true;
        _ = PollAsync(epoch, new MailboxRequest(MailboxSecret(epoch), epoch, cursor).ToBytes(), cancellation);
    }

    async Task PollAsync(long epoch, byte[] request, CancellationToken cancellation)
    {
        byte[] answer = [];
        try
        {
            answer = await _gateway.PollAsync(request, cancellation);
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException or OperationCanceledException)
        {
            // The same cursor asks again: nothing was lost.
        }
        Post(() =>
        {
            _polling = false;
            Take(epoch, answer);
        });
    }

    void Take(long epoch, byte[] answer)
    {
        int size = MailboxAnswer.EntrySize(_geometry);
        if (answer.Length != _document.Mailbox.PacketsPerPoll * size)
        {
            return;
        }
        _cursors[epoch] = MailboxAnswer.Cursor(_geometry, answer);
        for (int at = 0; at < answer.Length; at += size)
        {
            SurbId id = new(answer.AsSpan(at, SurbId.Size));
            if (_surbs.Remove(id, out (SurbSecret Secret, PendingRequest? Request, DateTimeOffset Lost) entry))
            {
                Open(entry.Secret, entry.Request, answer.AsMemory(at + SurbId.Size, _geometry.PayloadSize));
            }
        }
    }

    void Open(SurbSecret secret, PendingRequest? request, Memory<byte> payload)
    {
        using (secret)
        {
            if (!secret.TryOpen(payload.Span))
            {
                return;
            }
        }
        Interlocked.Increment(ref _received);
        if (request is null)
        {
            Interlocked.Increment(ref _returned);
        }
        request?.Answer.TrySetResult(payload[SphinxGeometry.PayloadTagSize..]);
    }

    ServiceAddress Decoy()
    {
        IReadOnlyList<NodeDescriptor> nodes = _document.Computes.Count > 0 && _random.Below(ComputeShare) == 0 ? _document.Computes : _document.Couriers;
        return new ServiceAddress(nodes[_random.Below(nodes.Count)], ServiceNames.Loop);
    }

    byte[] MailboxSecret(long epoch)
    {
        byte[] secret = new byte[MailboxRequest.SecretSize], info = new byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(info, epoch);
        HkdfBlake2b.DeriveKey(_secret.Span, _paths.Gateway.Id.AsSpan(), info, secret);
        return secret;
    }

    void Post(Action work)
    {
        _posted.Enqueue(work);
        Wake();
    }

    static DateTimeOffset Earliest(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
