using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Hosting;

/// <summary>
/// One node as its host sees it: what triggers, timers and routes call. Reads document and keys when it is first needed and every few minutes after that;
/// when they have turned, the node goes on with the new ones. Keeps nothing that must survive: instances come and go.
/// </summary>
/// <param name="settings">The node's.</param>
/// <param name="environment">Its host's.</param>
public sealed class NodeHost(NodeSettings settings, NodeEnvironment environment) : IAsyncDisposable
{
    static readonly TimeSpan s_reread = TimeSpan.FromMinutes(5), s_again = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim _turn = new(1, 1);
    readonly NodeSource _source = new(settings, environment);
    readonly PeerSender _peers = new(settings, environment);
    readonly MixLoops _mixes = new(environment);
    NodeGeneration? _current, _past;
    DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>The node's settings.</summary>
    public NodeSettings Settings => settings;

    /// <summary>The node as it is now.</summary>
    /// <exception cref="PortUnavailableException">There is no document that it may believe.</exception>
    /// <exception cref="NodeSettingsException">Its settings do not fit document or keys.</exception>
    public async ValueTask<NodeGeneration> CurrentAsync(CancellationToken cancellation)
    {
        if (Live is { } current)
        {
            if (environment.Time.GetUtcNow() >= _next && await _turn.WaitAsync(TimeSpan.Zero, cancellation))
            {
                await RereadAsync(cancellation);
                return Live ?? current;
            }
            // Somebody else reads; meanwhile what is there is good.
            return current;
        }
        await _turn.WaitAsync(cancellation);
        try
        {
            if (environment.Time.GetUtcNow() >= _next)
            {
                await ReadAsync(cancellation);
            }
            return Live ?? throw new PortUnavailableException($"There is no network document that {settings.Node} may believe: {_source.Verdict?.ToString() ?? "none can be read"}.");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Handles a delivery of one of the node's queues, by the queue's name without the prefix; false: it must come again.</summary>
    public async ValueTask<bool> HandleAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        try
        {
            return await (await CurrentAsync(cancellation)).Triggers.HandleAsync(delivery, cancellation);
        }
        catch (Exception error) when (error is PortUnavailableException or NodeSettingsException)
        {
            // Nobody counts here; but a host keeps what it cannot deliver, and nothing may be kept.
            return delivery.Attempt > NodeTriggers.Attempts;
        }
    }

    /// <summary>Draws the slots of the next minutes; a timer calls it every minute.</summary>
    public async ValueTask DrawAsync(CancellationToken cancellation) => await StepAsync(parts => parts.Drawer, cancellation);

    /// <summary>Deletes what epochs left, hands boxes on; a timer calls it every few minutes.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        await StepAsync(parts => parts.Sweeper, cancellation);
        await StepAsync(parts => parts.Rebalance, cancellation);
    }

    /// <summary>What runs as long as a process does, at a compute node: its client and its bucket clock. Returns when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        ActorRunner runner = new(environment.Time);
        Task watch = WatchAsync(cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                NodeGeneration generation = await CurrentAsync(cancellation);
                using CancellationTokenSource turned = CancellationTokenSource.CreateLinkedTokenSource(cancellation, generation.Ended);
                Task[] actors = [.. (generation.Compute?.Actors ?? []).Select(actor => runner.RunAsync(actor, turned.Token)), CancelledAsync(turned.Token)];
                await await Task.WhenAny(actors);
                // One that ended by itself is a bug, and must not be a silence: it was thrown above.
                await turned.CancelAsync();
                await Task.WhenAll(actors);
            }
            catch (Exception error) when (error is PortUnavailableException or NodeSettingsException)
            {
                await WaitAsync(s_again, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
            }
        }
        await watch;
    }

    /// <summary>Nobody else may ask for a long time: new keys must be found all the same.</summary>
    async Task WatchAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await WaitAsync(s_reread, cancellation);
            try
            {
                await CurrentAsync(cancellation);
            }
            catch (Exception error) when (error is PortUnavailableException or NodeSettingsException or OperationCanceledException)
            {
                // Again in a while.
            }
        }
    }

    /// <summary>The routes of a gateway, and of a mix those that a mix has, with this network's sizes and rates.</summary>
    /// <param name="generation">Names the network.</param>
    /// <param name="behindFrontEnd">Whether connections are a platform's front end's.</param>
    internal IngressRoutes Ingress(NodeGeneration generation, bool behindFrontEnd) => new(
        IngressHandlers.For(generation.Signed.Document, () => generation.Signed.ToBytes(), SubmitAsync, PollAsync, LoopsAsync), environment.Time, behindFrontEnd);

    /// <summary>The route on which nodes of other operators send.</summary>
    internal HopRoute Hops(NodeGeneration generation) => new(HopRequest.LargestBody(generation.Signed.Document), TakeHopAsync);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _current?.Dispose();
        _past?.Dispose();
        _peers.Dispose();
        _mixes.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The node, as long as its document is valid.</summary>
    NodeGeneration? Live => _current is { } current && environment.Time.GetUtcNow() < current.Signed.Document.ValidUntil ? current : null;

    /// <summary>The store may be away: the generation that is there goes on.</summary>
    async ValueTask RereadAsync(CancellationToken cancellation)
    {
        try
        {
            _next = environment.Time.GetUtcNow() + s_again;
            await ReadAsync(cancellation);
        }
        catch (PortUnavailableException)
        {
        }
        finally
        {
            _turn.Release();
        }
    }

    async ValueTask ReadAsync(CancellationToken cancellation)
    {
        if (await _source.ReadDocumentAsync(cancellation) is not { } signed)
        {
            // The document that is there goes on until it ends; without one, soon again.
            _next = environment.Time.GetUtcNow() + s_again;
            return;
        }
        NodeKeys keys;
        try
        {
            keys = await ReadKeysAsync(signed.Document, cancellation);
        }
        catch (NodeSettingsException) when (Live is not null)
        {
            // A vault that is away, a file that is being replaced: the node goes on with what it has.
            _next = environment.Time.GetUtcNow() + s_again;
            return;
        }
        if (_current?.Is(signed, keys) == true)
        {
            keys.Dispose();
            // A look later nothing is under way any more in the generation before: its keys go.
            _past?.Dispose();
            _past = null;
        }
        else
        {
            NodeGeneration next;
            try
            {
                next = new NodeGeneration(signed, keys, settings, environment, _peers);
            }
            catch
            {
                keys.Dispose();
                throw;
            }
            // Work may be under way in the last one, and none in the one before.
            _past?.Dispose();
            _past = _current;
            _current = next;
            _past?.End();
        }
        DateTimeOffset reread = environment.Time.GetUtcNow() + s_reread;
        _next = reread < signed.Document.ValidUntil ? reread : signed.Document.ValidUntil;
    }

    async ValueTask<NodeKeys> ReadKeysAsync(NetworkDocument document, CancellationToken cancellation)
    {
        NodeKeys keys = await _source.ReadKeysAsync(cancellation);
        NodeDescriptor? self = document.Node(keys.Id);
        if (self is null || self.Name != settings.Node || self.Role != settings.Role)
        {
            keys.Dispose();
            throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Keys)), $"names keys that are not {settings.Node}'s in the document");
        }
        return keys;
    }

    async ValueTask StepAsync(Func<NodeParts, Actor?> choose, CancellationToken cancellation)
    {
        const int MostSteps = 30;
        try
        {
            NodeParts parts = (await CurrentAsync(cancellation)).Parts;
            for (int i = 0; i < MostSteps && choose(parts) is { } actor; i++)
            {
                DateTimeOffset next = await actor.StepAsync(cancellation);
                if (next > environment.Time.GetUtcNow() + TimeSpan.FromSeconds(2))
                {
                    return;
                }
                await WaitAsync(next - environment.Time.GetUtcNow(), cancellation);
            }
        }
        catch (PortUnavailableException)
        {
            // The timer fires again.
        }
    }

    async ValueTask SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
    {
        NodeParts parts = (await CurrentAsync(cancellation)).Parts;
        await parts.Totals!.LearnAsync(cancellation);
        await parts.Runner.RunAsync(parts.Gateway!.Submit(packet)!, cancellation);
    }

    async ValueTask<byte[]?> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        await (await CurrentAsync(cancellation)).Parts.Gateway!.PollAsync(request, cancellation);

    async ValueTask<IReadOnlyList<LoopReport>> LoopsAsync(CancellationToken cancellation)
    {
        NodeGeneration generation = await CurrentAsync(cancellation);
        LoopReport own = await generation.Parts.Totals!.ReportAsync(cancellation);
        return settings.Role == NodeRole.Gateway ? [own, .. await _mixes.ReadAsync(generation.Signed.Document, cancellation)] : [own];
    }

    async ValueTask<HopOutcome> TakeHopAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        NodeGeneration generation = await CurrentAsync(cancellation);
        HopOutcome outcome = HopRequest.Open(
            generation.Signed.Document, generation.Parts.Descriptor, environment.Verify, body, environment.Time.GetUtcNow(), out string queue,
            out ReadOnlyMemory<byte> message);
        if (outcome == HopOutcome.Taken)
        {
            await environment.Ports.Queue.EnqueueAsync(queue, message, TimeSpan.Zero, cancellation);
        }
        return outcome;
    }

    /// <summary>Ends without an exception. What is left until a time may be a negative span, and one of them is "for ever" to a delay.</summary>
    async Task WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, environment.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static async Task CancelledAsync(CancellationToken cancellation) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
