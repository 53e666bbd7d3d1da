using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Tokens;

namespace Funion.Client;

/// <summary>
/// A client that runs: its sender on the process's clock, over HTTP to its gateway. Keep it as long as the process lives: constant cover hides what it
/// is used for only while it lasts, and who comes online only to ask is seen by coming online.
/// </summary>
public sealed class FunionSession : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Uri _gateway;
    readonly HttpGatewayConnection _connection;
    readonly Task _running;
    readonly HttpTokenIssuer? _issuer;
    readonly TokenSupply? _supply;

    /// <summary>Starts to send under an accepted document.</summary>
    public FunionSession(NetworkDocument document, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        options ??= new SessionOptions();
        TimeProvider time = options.Clock ?? TimeProvider.System;
        // One gateway for long: every further one would see this client, too.
        NodeDescriptor[] reachable = [.. document.Gateways.Where(node => node.Address.Length > 0)];
        if (reachable.Length == 0)
        {
            throw new FunionException(FunionError.Unreachable, "No gateway of this network has an address.");
        }
        NodeDescriptor gateway = options.Gateway is { } kept && Array.Find(reachable, node => node.Id == kept) is { } node
            ? node
            : reachable[RandomSource.System.Below(reachable.Length)];
        SphinxGeometry geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
        _gateway = new Uri(gateway.Address);
        _connection = new HttpGatewayConnection(_gateway, document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry));
        Mixnet = new MixnetClient(document, gateway, _connection, SenderRates.OfClient(document), RandomSource.System, time);
        Client = new FunionClient(Mixnet, options.Leftovers, options.Wallet);
        List<Actor> actors = [Mixnet];
        if (options.Pin is { } pin)
        {
            actors.Add(new DocumentWatch(Mixnet, new NetworkTrust(pin), HttpGatewayConnection.FetchNetworkAsync, time));
        }
        if (options is { Wallet: { } wallet, Invitation: { } invitation })
        {
            _issuer = new HttpTokenIssuer(() => Mixnet.Document.Issuer?.Address, invitation);
            actors.Add(_supply = new TokenSupply(wallet, () => Mixnet.Document, _issuer.AskAsync, RandomSource.System, time));
        }
        ActorRunner runner = new(time);
        _running = ActorRunner.AllOrFirstFaultAsync(actors.Select(actor => Task.Run(() => runner.RunAsync(actor, _stop.Token))));
    }

    /// <summary>A session whose gateway answers. Throws <see cref="FunionException"/> when it does not: waiting would be in vain.</summary>
    public static async Task<FunionSession> OpenAsync(NetworkDocument document, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        FunionSession session = new(document, options);
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
        catch
        {
            // A sender that nobody holds would go on for ever.
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Fetches a network's document from one of its gateways, holds it to the pin and to a second gateway's, and opens a session there that follows it.
    /// Throws <see cref="FunionException"/>: unreachable, or the document is refused.
    /// </summary>
    /// <param name="gateway">Its ingress.</param>
    /// <param name="pin">The authorities' keys, from elsewhere than the gateway.</param>
    /// <param name="known">The last document that was accepted, where one is remembered: no older one is.</param>
    /// <param name="options">The pin and the gateway in it are not looked at.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<FunionSession> ConnectAsync(
        Uri gateway, TrustedAuthorities pin, KnownDocument? known = null, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(pin);
        options = (options ?? new SessionOptions()) with { Pin = pin };
        try
        {
            byte[] signed = await HttpGatewayConnection.FetchNetworkAsync(gateway, cancellation);
            DocumentVerdict verdict = new NetworkTrust(pin).Check(signed, (options.Clock ?? TimeProvider.System).GetUtcNow(), known, out NetworkDocument? document);
            if (document is not null && !await DocumentWatch.SecondAgreesAsync(document, gateway, HttpGatewayConnection.FetchNetworkAsync, cancellation))
            {
                verdict = DocumentVerdict.DiffersBetweenGateways;
            }
            NodeDescriptor? own = document?.Gateways.FirstOrDefault(node => node.Address.Length > 0 && new Uri(node.Address) == new Uri(gateway, "/"));
            return verdict == DocumentVerdict.Accepted
                ? await OpenAsync(document!, options with { Gateway = own?.Id }, cancellation)
                : throw new FunionException(FunionError.Refused, $"The network document is refused: {verdict}.");
        }
        catch (GatewayUnreachableException)
        {
            throw new FunionException(FunionError.Unreachable, $"The gateway {gateway.GetLeftPart(UriPartial.Authority)} does not answer.");
        }
    }

    /// <summary>
    /// Waits until there are tokens for questions, where the network demands them and the session gets them. Throws <see cref="FunionException"/>:
    /// the issuer is not reached, or grants none.
    /// </summary>
    public async Task FillWalletAsync(CancellationToken cancellation)
    {
        if (_supply is not null)
        {
            // A supply that ended has no outcome any more.
            await await Task.WhenAny(_supply.First, _running).WaitAsync(cancellation);
            IssueOutcome? outcome = await _supply.First.WaitAsync(cancellation);
            if (outcome != IssueOutcome.Issued)
            {
                throw new FunionException(FunionError.NoToken, outcome is null ? "The issuer of tokens does not answer." : $"The issuer grants no tokens: {outcome}.");
            }
        }
    }

    /// <summary>Ends only when the session is disposed, or with a fault: a bug, after which nothing is sent any more.</summary>
    public Task Completion => _running;

    /// <summary>The constant-rate sender.</summary>
    public MixnetClient Mixnet { get; }

    /// <summary>Store, fetch, delete, ask.</summary>
    public FunionClient Client { get; }

    /// <summary>The network as it is known now.</summary>
    public NetworkDocument Document => Mixnet.Document;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Mixnet.Dispose();
        _supply?.Dispose();
        _issuer?.Dispose();
        _connection.Dispose();
        _stop.Dispose();
    }
}
