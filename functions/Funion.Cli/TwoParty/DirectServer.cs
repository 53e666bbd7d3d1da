using System.Collections.Concurrent;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Private.Networks;
using Funion.Private.Serving;
using Microsoft.AspNetCore.Http;

namespace Funion.Cli.TwoParty;

/// <summary>Compute's side of the direct channel behind HTTP. It ends before the server that it answers in: that one waits for its lines.</summary>
sealed class DirectServer : IAsyncDisposable
{
    /// <summary>WebSockets that a server keeps open: more than there are places for, so that who finds none is told by a problem.</summary>
    public const int MostSockets = 256;

    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<Task, bool> _sessions = [];
    readonly TwoPartyProvider _provider;
    readonly TwoPartyRoute _route;

    /// <summary>Serves networks under a node's name.</summary>
    /// <param name="networks">By name.</param>
    /// <param name="keys">The node's; they must outlive this.</param>
    /// <param name="state">A folder in which material survives; null: memory.</param>
    /// <param name="time">Clock.</param>
    /// <param name="limits">Null: the usual ones.</param>
    public DirectServer(IReadOnlyDictionary<string, IntegerNetwork> networks, NodeKeys keys, string? state, TimeProvider time, DirectLimits? limits = null)
    {
        _provider = new TwoPartyProvider(networks, keys, NodeShelf.Direct(state, keys, time), limits ?? DirectLimits.Default, time);
        _route = new TwoPartyRoute(_provider.Gate.TryEnter, ServeAsync);
    }

    /// <summary>Its route, before all others.</summary>
    public RequestDelegate Before(RequestDelegate others) => context => TwoPartyRoute.Takes(context) ? _route.HandleAsync(context) : others(context);

    /// <summary>Ends all sessions, and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Whatever ended one of them badly was its own request's affair.
        await Task.WhenAll(_sessions.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _provider.Dispose();
        _stop.Dispose();
    }

    async Task ServeAsync(Stream line, string party, CancellationToken cancellation)
    {
        Task session = ServeToTheEndAsync(line, party, cancellation);
        _sessions.TryAdd(session, true);
        try
        {
            await session;
        }
        finally
        {
            _sessions.TryRemove(session, out _);
        }
    }

    async Task ServeToTheEndAsync(Stream line, string party, CancellationToken cancellation)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        try
        {
            await _provider.ServeAsync(line, party, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The client's connection or this process ends.
        }
    }
}
