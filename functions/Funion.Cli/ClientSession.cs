using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli;

/// <summary>A client that runs: its sender on the process's clock, over HTTP to its gateway.</summary>
sealed class ClientSession : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Uri _gateway;
    readonly HttpGatewayConnection _connection;
    readonly Task _running;

    /// <param name="document">The accepted document.</param>
    /// <param name="pin">The authorities by which newer documents are taken over; null: none are.</param>
    /// <param name="clock">Null: the system's.</param>
    public ClientSession(NetworkDocument document, TrustedAuthorities? pin = null, TimeProvider? clock = null)
    {
        TimeProvider time = clock ?? TimeProvider.System;
        // One gateway for long: drawn once per session, kept by whoever keeps the session.
        NodeDescriptor gateway = document.Gateways[RandomSource.System.Below(document.Gateways.Count)];
        SphinxGeometry geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
        _gateway = new Uri(gateway.Address);
        _connection = new HttpGatewayConnection(_gateway, document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry));
        Mixnet = new MixnetClient(document, gateway, _connection, SenderRates.OfClient(document), RandomSource.System, time);
        Client = new FunionClient(Mixnet);
        ActorRunner runner = new(time);
        Task sender = Task.Run(() => runner.RunAsync(Mixnet, _stop.Token));
        _running = pin is null
            ? sender
            : Task.WhenAll(sender, Task.Run(() => runner.RunAsync(
                new DocumentWatch(Mixnet, new NetworkTrust(pin), HttpGatewayConnection.FetchNetworkAsync, time), _stop.Token)));
    }

    /// <summary>A session whose gateway answers. Throws <see cref="FunionException"/> when it does not: waiting would be in vain.</summary>
    public static async Task<ClientSession> OpenAsync(NetworkDocument document, CancellationToken cancellation)
    {
        ClientSession session = new(document);
        try
        {
            await HttpGatewayConnection.CheckAsync(session._gateway, cancellation);
            return session;
        }
        catch (GatewayUnreachableException)
        {
            await session.DisposeAsync();
            throw new FunionException(FunionError.Unreachable, $"The gateway {session._gateway.GetLeftPart(UriPartial.Authority)} does not answer.");
        }
    }

    public MixnetClient Mixnet { get; }

    public FunionClient Client { get; }

    public NetworkDocument Document => Mixnet.Document;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Mixnet.Dispose();
        _connection.Dispose();
        _stop.Dispose();
    }
}
