using System.Net;
using System.Net.Http.Headers;
using Funion.Client;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting.Hops;

/// <summary>Sends messages to nodes of other operators: <c>POST /v1/hop</c>, signed, without a header that says more.</summary>
public sealed class HopClient : IDisposable
{
    static readonly MediaTypeHeaderValue s_binary = new("application/octet-stream");

    readonly HttpClient _http = new(UntracedHttp.Handler())
    {
        // A peer that takes its time holds up what is for others: it gets the message again.
        Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 4096,
    };

    /// <summary>Hands a message over.</summary>
    /// <exception cref="PortUnavailableException">The node does not take it now.</exception>
    public async ValueTask SendAsync(
        NodeDescriptor receiver, NodeId sender, NodeSigner sign, ReadOnlyMemory<byte> message, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (!Uri.TryCreate(receiver.Address.TrimEnd('/') + "/v1/hop", UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new PortUnavailableException($"{receiver.Name} is no peer of this node, and its address in the document is no URL.");
        }
        using ByteArrayContent body = new(HopRequest.Build(sender, sign, receiver.Id, message.Span, now));
        body.Headers.ContentType = s_binary;
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = body };
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                throw new PortUnavailableException($"{receiver.Name} answers a hop with status {(int)answer.StatusCode}.");
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new PortUnavailableException($"{receiver.Name} cannot be reached.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
