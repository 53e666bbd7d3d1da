using System.Net.WebSockets;
using Funion.Client;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Private.Direct;
using Funion.Private.Protocol;

namespace Funion.Cli.TwoParty;

/// <summary>A client's line to a provider: proven to be the provider's, with the architecture that the network document promises.</summary>
sealed class DirectLine : IAsyncDisposable
{
    /// <summary>A provider that computes may be silent for as long.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2), s_connect = TimeSpan.FromSeconds(20);

    readonly SealedStream _stream;

    DirectLine(SealedStream stream, TwoPartyClient client)
    {
        _stream = stream;
        Client = client;
        Channel = new StreamChannel(stream, ChannelKind.Direct, s_patience);
    }

    /// <summary>Speaks of the model's architecture.</summary>
    public TwoPartyClient Client { get; }

    /// <summary>Offers go here.</summary>
    public MessageChannel Channel { get; }

    /// <summary>Opens a line to whoever runs a model.</summary>
    /// <exception cref="FunionException">Unreachable, not the provider, or not what the document says.</exception>
    public static async Task<DirectLine> OpenAsync(NetworkDocument document, ModelEntry model, CancellationToken cancellation)
    {
        NodeDescriptor provider = document.Node(model.Compute)!;
        if (model.TwoParty is not { } entry || !Uri.TryCreate(provider.Address, UriKind.Absolute, out Uri? address))
        {
            throw new FunionException(FunionError.NoSuchModel, $"The model '{model.Name}' is not offered in two-party mode on the direct channel.");
        }
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(s_connect);
        Stream? line = null;
        SealedStream? stream = null;
        try
        {
            line = await ConnectAsync(address, late.Token);
            (DirectOutcome greeted, stream) = await DirectHandshake.GreetAsync(line, provider, late.Token);
            Expect(greeted, model);
            (DirectOutcome asked, ArchitectureOutcome architecture, TwoPartyClient? client) =
                await ModelGreeting.AskAsync(stream!, model.Name, new Bytes32(entry.Architecture), late.Token);
            Expect(asked, model);
            if (client is null)
            {
                throw new FunionException(FunionError.Damaged, $"The provider's architecture is not the one that the network document promises ({architecture}).");
            }
            DirectLine open = new(stream!, client);
            (line, stream) = (null, null);
            return open;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FunionException(FunionError.Unreachable, "The provider does not answer.");
        }
        finally
        {
            if ((stream ?? line) is { } left)
            {
                await BrokenLine.CloseAsync(left);
            }
        }
    }

    /// <summary>What an outcome is for who asked; never called with <see cref="ProtocolOutcome.Done"/>.</summary>
    public FunionException Problem(ProtocolOutcome outcome) => outcome switch
    {
        _ when _stream.WasChanged => new FunionException(FunionError.Damaged, "Somebody changed what the line to the provider carries."),
        ProtocolOutcome.Closed => new FunionException(FunionError.Unreachable, "The provider broke off."),
        ProtocolOutcome.Full => new FunionException(FunionError.Refused, "The provider keeps as much prepared material as it is willing to."),
        ProtocolOutcome.UnknownSession => new FunionException(FunionError.Refused, "The provider has no such material any more."),
        ProtocolOutcome.WrongModel or ProtocolOutcome.WrongParameters or ProtocolOutcome.WrongVersion or ProtocolOutcome.WrongChannel or ProtocolOutcome.Spent or ProtocolOutcome.WrongBase =>
            new FunionException(FunionError.Refused, $"The provider refused ({outcome})."),
        _ => new FunionException(FunionError.Damaged, $"The provider broke the protocol ({outcome})."),
    };

    public ValueTask DisposeAsync() => Channel.DisposeAsync();

    static void Expect(DirectOutcome outcome, ModelEntry model)
    {
        if (outcome != DirectOutcome.Ok)
        {
            throw outcome switch
            {
                DirectOutcome.NotTheProvider => new FunionException(
                    FunionError.Damaged, "Whoever answers at the provider's address does not have the provider's key: somebody stands between, or in its place."),
                DirectOutcome.NoSuchModel => new FunionException(FunionError.NoSuchModel, $"The provider does not offer the model '{model.Name}' in two-party mode."),
                DirectOutcome.Malformed => new FunionException(FunionError.Damaged, "Whoever answers at the provider's address speaks another protocol."),
                _ => new FunionException(FunionError.Unreachable, "The provider broke off."),
            };
        }
    }

    static async Task<Stream> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        UriBuilder route = new(address) { Scheme = address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = TwoPartyRoute.Path };
        ClientWebSocket socket = new();
        socket.Options.Proxy = null;
        // So that a problem's status is there to be told.
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(route.Uri, cancellation);
            return WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true);
        }
        catch (WebSocketException error)
        {
            int status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw status switch
            {
                503 => new FunionException(FunionError.Refused, "The provider has as many sessions as it takes. Try again."),
                >= 400 => new FunionException(FunionError.Refused, $"The provider refused the connection ({status})."),
                _ => new FunionException(FunionError.Unreachable, $"The provider {address.GetLeftPart(UriPartial.Authority)} does not answer.", error),
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
