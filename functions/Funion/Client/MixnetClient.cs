using System.Collections.Concurrent;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>
/// The constant-rate sender: one packet per slot, real if one waits, else a decoy; loops beside them; polls at their own rate. None of the three
/// clocks looks at what there is to say, so neither does anybody who watches. Every packet has one size and carries exactly one SURB; a request without
/// an answer is sent again with a new SURB on a new path.
/// <para>By the system's clock, what awaits an answer runs elsewhere, so that it cannot delay a slot; by any other, inside the step that brought it, for
/// in virtual time a whole network is one thread.</para>
/// References: Echomix (arXiv 2501.02933), sections 3 and 5.
/// </summary>
public sealed class MixnetClient : Actor, IDisposable
{
    readonly NodeId _gatewayId;
    readonly GatewayConnection _gateway;
    NodeDescriptor _gatewayNode;
    PathSelection _paths;
    DecoyDestinations _decoys;
    readonly SphinxGeometry _geometry;
    readonly byte[] _silence;
    readonly PoissonClock _slots, _loops, _polls;
    readonly TimeSpan _slop, _burst;
    readonly ClientMailbox _mailbox;
    readonly RequestQueue _requests = new();
    readonly SurbTable _surbs = new();
    readonly TaskCreationOptions _continuations;
    readonly Alarms _alarms;
    readonly SenderCounters _counters = new();
    readonly ConcurrentQueue<Action> _posted = [];
    int _polling;

    /// <summary>Makes a sender at a gateway; it begins to send with its first step.</summary>
    /// <param name="document">The network.</param>
    /// <param name="gatewayNode">Its gateway, which it keeps.</param>
    /// <param name="gateway">The way there.</param>
    /// <param name="rates">The rates of its three clocks.</param>
    /// <param name="random">Draws of paths, delays and destinations.</param>
    /// <param name="time">Clock.</param>
    /// <param name="slotDraws">Draws of the clocks, where a test seeds them: what is sent then cannot move when it is sent.</param>
    public MixnetClient(
        NetworkDocument document, NodeDescriptor gatewayNode, GatewayConnection gateway, SenderRates rates, RandomSource random, TimeProvider time,
        RandomSource? slotDraws = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(gatewayNode);
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(time);
        Document = document;
        Time = time;
        Random = random;
        _continuations = time == TimeProvider.System ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        _alarms = new Alarms(_continuations);
        _gatewayId = gatewayNode.Id;
        _gatewayNode = gatewayNode;
        _gateway = gateway;
        _geometry = new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops);
        _silence = new byte[_geometry.UserPayload];
        _paths = new PathSelection(document, gatewayNode, random);
        _decoys = new DecoyDestinations(document);
        DateTimeOffset now = time.GetUtcNow();
        _mailbox = new ClientMailbox(document, _geometry, now);
        _slots = new PoissonClock(rates.Slots, now, slotDraws ?? random);
        _loops = new PoissonClock(rates.Loops, now, slotDraws ?? random);
        _polls = new PoissonClock(rates.Polls, now, slotDraws ?? random);
        // Beyond the delays that a packet was told: waiting for a poll, and for queues on the way.
        TimeSpan polls = rates.Polls == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : rates.Polls;
        // A burst of replies waits for many polls: what comes later than that was held back by somebody.
        _burst = 16 * polls;
        _slop = TimeSpan.FromSeconds(5) + (4 * polls) + (4 * document.Rates.MeanDelay);
    }

    /// <summary>The network this sender speaks to; a newer document when it was given one.</summary>
    public NetworkDocument Document { get; private set; }

    /// <summary>The gateway that it keeps.</summary>
    public NodeId Gateway => _gatewayId;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Draws.</summary>
    public RandomSource Random { get; }

    /// <summary>Whether the last packet or poll reached the gateway.</summary>
    public bool IsReachable { get; private set; } = true;

    /// <summary>Totals so far.</summary>
    public LoopStatistics Statistics => _counters.Read();

    /// <summary>
    /// Asks a service: <paramref name="payload"/> is exactly a user payload, the answer exactly a reply payload. Waits for a slot, resends until an
    /// answer comes. Cancelling it leaves no trace: its slots carry decoys instead. <paramref name="first"/>: before all that wait and are not.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>> RequestAsync(
        ServiceAddress service, ReadOnlyMemory<byte> payload, CancellationToken cancellation, bool first = false)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentOutOfRangeException.ThrowIfNotEqual(payload.Length, _geometry.UserPayload);
        PendingRequest request = new(service, payload, first, _continuations);
        using CancellationTokenRegistration registration = cancellation.Register(() => request.Answer.TrySetCanceled(cancellation));
        _requests.Enqueue(request);
        return await request.Answer.Task;
    }

    /// <summary>
    /// Takes over a newer document of the same network, accepted by its caller: what is under way goes on, what is sent from the next step on follows it.
    /// False when this sender cannot go on under it: its gateway is gone, or sizes or rates have changed, which only a new sender can follow.
    /// May be called from any thread.
    /// </summary>
    public bool TryAdopt(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Version <= Document.Version || document.Node(_gatewayId) is not { Role: NodeRole.Gateway } gateway
            || (gateway.Address.Length == 0 && _gatewayNode.Address.Length > 0)
            || document.Geometry != Document.Geometry || document.Mailbox != Document.Mailbox || document.Rates != Document.Rates
            || document.EpochLength != Document.EpochLength || document.EpochOrigin != Document.EpochOrigin)
        {
            return false;
        }
        Post(() =>
        {
            Document = document;
            _gatewayNode = gateway;
            _paths = new PathSelection(document, gateway, Random);
            _decoys = new DecoyDestinations(document);
        });
        return true;
    }

    /// <summary>Completes at a time of this client's clock.</summary>
    public Task DelayUntilAsync(DateTimeOffset due, CancellationToken cancellation) => _alarms.WaitAsync(due, Wake, cancellation);

    /// <inheritdoc/>
    public override ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        DateTimeOffset now = Time.GetUtcNow();
        DrainPosted();
        _counters.CountLost(_surbs.Expire(now));
        _alarms.Ring(now);
        while (_slots.TryTake(now))
        {
            (PendingRequest? request, int overdue) = _requests.Take(now);
            _counters.CountResends(overdue);
            Send(request, now, cancellation);
        }
        while (_loops.TryTake(now))
        {
            Send(null, now, cancellation);
        }
        while (_polls.TryTake(now))
        {
            Poll(now, cancellation);
        }
        DrainPosted();
        return ValueTask.FromResult(Earliest(_slots.Next, _loops.Next, _polls.Next, _alarms.Next));
    }

    /// <summary>Whether the document has keys for this time by this machine's clock; without them nothing is sent.</summary>
    public bool IsInTime => _gatewayNode.TryGetKey(Document.EpochAt(Time.GetUtcNow()), out _);

    internal ReadOnlySpan<byte> MailboxSecret => _mailbox.Secret;

    /// <inheritdoc/>
    public void Dispose()
    {
        _surbs.Dispose();
        _mailbox.Dispose();
    }

    static DateTimeOffset Earliest(params ReadOnlySpan<DateTimeOffset> times)
    {
        DateTimeOffset earliest = DateTimeOffset.MaxValue;
        foreach (DateTimeOffset time in times)
        {
            earliest = time < earliest ? time : earliest;
        }
        return earliest;
    }

    void Send(PendingRequest? request, DateTimeOffset now, CancellationToken cancellation)
    {
        long epoch = Document.EpochAt(now);
        if (!_gatewayNode.TryGetKey(epoch, out _))
        {
            // The document has run out: nothing can be sent until somebody starts anew with a newer one.
            IsReachable = false;
            _counters.CountFailure();
            if (request is not null)
            {
                _requests.Sent(request, now);
            }
            return;
        }
        ServiceAddress service = request?.Service ?? _decoys.Draw(Random);
        // A request may be older than the document, and its service gone from it: the slot is a decoy's then.
        if (Document.Node(service.Node.Id) is { } node && node.TryGetKey(epoch, out _))
        {
            service = service with { Node = node };
        }
        else
        {
            request?.Answer.TrySetException(new FunionException(FunionError.Refused, "The network has this service no more."));
            request = null;
            service = _decoys.Draw(Random);
        }
        PathHop[] forward = _paths.Forward(service.Node, epoch), back = _paths.Back(epoch);
        byte[] surb = Surb.Create(_geometry, back, _mailbox.IdAt(epoch), out SurbSecret secret);
        byte[] packet = SphinxPacket.Build(_geometry, forward, service.Recipient, surb, request is null ? _silence : request.Payload.Span);
        DateTimeOffset patience = now + PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + _slop;
        // Late is better than lost: the old SURB stays good while a resend travels.
        _surbs.Add(secret, request, patience + _burst, patience + Document.Slack);
        if (request is not null)
        {
            _requests.Sent(request, patience);
        }
        _ = SubmitAsync(packet, request, secret.Id, cancellation);
    }

    async Task SubmitAsync(byte[] packet, PendingRequest? request, SurbId id, CancellationToken cancellation)
    {
        try
        {
            await _gateway.SubmitAsync(packet, cancellation);
            IsReachable = true;
            _counters.CountSent(request is null);
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException or OperationCanceledException)
        {
            // Who turns packets away is there.
            IsReachable = error is NetworkFullException;
            _counters.CountFailure();
            if (request is not null)
            {
                _requests.Requeue(request);
            }
            else if (_surbs.TryTake(id, out SurbSecret? secret, out _, out _))
            {
                // Never sent, so not lost.
                secret.Dispose();
            }
        }
    }

    void Poll(DateTimeOffset now, CancellationToken cancellation)
    {
        // One at a time, each at its own slot: a poll that is due while another is out is left out.
        if (_polling > 0)
        {
            return;
        }
        foreach (MailboxRequest poll in _mailbox.PollsAt(Document, now))
        {
            _polling++;
            _ = PollAsync(poll, cancellation);
        }
    }

    async Task PollAsync(MailboxRequest poll, CancellationToken cancellation)
    {
        byte[]? answer = null;
        try
        {
            answer = await _gateway.PollAsync(poll.ToBytes(), cancellation);
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException or OperationCanceledException)
        {
            // The same cursor asks again: nothing was lost.
        }
        finally
        {
            Post(() =>
            {
                _polling--;
                Take(poll.Epoch, answer);
            });
        }
    }

    void Take(long epoch, byte[]? answer)
    {
        IsReachable = answer?.Length == _mailbox.AnswerSize;
        if (answer is null || !IsReachable)
        {
            _counters.CountFailure();
            return;
        }
        _mailbox.Acknowledge(epoch, answer);
        int size = MailboxAnswer.EntrySize(_geometry);
        for (int at = 0; at < answer.Length; at += size)
        {
            Receive(answer.AsMemory(at, size));
        }
    }

    void Receive(Memory<byte> entry)
    {
        if (!_surbs.TryTake(new SurbId(entry.Span[..SurbId.Size]), out SurbSecret? secret, out PendingRequest? request, out DateTimeOffset late))
        {
            return;
        }
        Memory<byte> payload = entry[SurbId.Size..];
        bool opened = secret.TryOpen(payload.Span);
        secret.Dispose();
        if (!opened)
        {
            // The request's patience will end, and it is sent again.
            _counters.CountDamaged(request is null);
            return;
        }
        _counters.CountReply(request is null, Time.GetUtcNow() > late);
        request?.Answer.TrySetResult(payload[SphinxGeometry.PayloadTagSize..]);
    }

    void Post(Action work)
    {
        _posted.Enqueue(work);
        Wake();
    }

    void DrainPosted()
    {
        while (_posted.TryDequeue(out Action? work))
        {
            work();
        }
    }
}
