using System.Net;
using System.Net.Http.Headers;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// A gateway's ingress over HTTP: <c>POST /v1/packets</c>, <c>POST /v1/mailbox</c>, <c>GET /v1/network</c>. Sends no header that tells clients apart:
/// no cookie, no user agent, no language; follows no redirect.
/// </summary>
public sealed class HttpGatewayConnection : GatewayConnection, IDisposable
{
    const int LargestDocument = 1 << 20;

    static readonly MediaTypeHeaderValue s_binary = new("application/octet-stream");

    readonly HttpClient _http;
    readonly int _answerSize;

    /// <summary>Connects to an ingress whose polls answer <paramref name="answerSize"/> bytes.</summary>
    public HttpGatewayConnection(Uri address, int answerSize)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(answerSize, 1);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("A gateway's address is an absolute http or https URL.", nameof(address));
        }
        _answerSize = answerSize;
        _http = new HttpClient(UntracedHttp.Handler())
        {
            // Without the slash the last segment of a path would be cut off.
            BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"), Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Fetches a signed network document: bytes that prove nothing before they are checked against a pin.</summary>
    public static Task<byte[]> FetchDocumentAsync(Uri address, CancellationToken cancellation) => FetchAsync(address, cancellation);

    /// <summary>Returns when a gateway is up.</summary>
    public static async Task CheckAsync(Uri gateway, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        await FetchAsync(new Uri(gateway.AbsoluteUri.TrimEnd('/') + "/v1/health/live"), cancellation);
    }

    /// <summary>Fetches the signed network document that a gateway serves.</summary>
    public static Task<byte[]> FetchNetworkAsync(Uri gateway, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        return FetchAsync(new Uri(gateway.AbsoluteUri.TrimEnd('/') + "/v1/network"), cancellation);
    }

    /// <summary>Fetches what a gateway publishes of its network's loops: its own word.</summary>
    public static Task<byte[]> FetchLoopsAsync(Uri gateway, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        return FetchAsync(new Uri(gateway.AbsoluteUri.TrimEnd('/') + "/v1/loops"), cancellation);
    }

    static async Task<byte[]> FetchAsync(Uri address, CancellationToken cancellation)
    {
        using HttpClient http = new(UntracedHttp.Handler())
        {
            Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = LargestDocument,
        };
        try
        {
            return await http.GetByteArrayAsync(address, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new GatewayUnreachableException("What was asked for could not be fetched.", error);
        }
    }

    /// <inheritdoc/>
    public override async Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await PostAsync("v1/packets", packet, cancellation);
        if (response is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null })
        {
            throw new NetworkFullException();
        }
        if (response.StatusCode != HttpStatusCode.Accepted)
        {
            throw new GatewayUnreachableException($"The gateway refused a packet ({(int)response.StatusCode}).");
        }
    }

    /// <inheritdoc/>
    public override async Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await PostAsync("v1/mailbox", request, cancellation);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentLength != _answerSize)
        {
            throw new GatewayUnreachableException($"The gateway did not answer a poll ({(int)response.StatusCode}).");
        }
        // The client's timeout ends with the headers; a body that drips has to end too, or there would never be another poll.
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_http.Timeout);
        try
        {
            byte[] answer = new byte[_answerSize];
            await using Stream body = await response.Content.ReadAsStreamAsync(timeout.Token);
            await body.ReadExactlyAsync(answer, timeout.Token);
            return answer;
        }
        catch (Exception error) when (
            error is IOException or HttpRequestException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new GatewayUnreachableException("The gateway's answer was cut off.", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    async Task<HttpResponseMessage> PostAsync(string route, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using ReadOnlyMemoryContent content = new(body);
        content.Headers.ContentType = s_binary;
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, route) { Content = content };
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new GatewayUnreachableException("The gateway cannot be reached.", error);
        }
    }
}
