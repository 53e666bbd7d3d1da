using System.Net;
using System.Net.Http.Headers;

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
        _answerSize = answerSize;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10), ActivityHeadersPropagator = null,
        })
        {
            BaseAddress = address, Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Fetches a signed network document: bytes that prove nothing before they are checked against a pin.</summary>
    public static async Task<byte[]> FetchDocumentAsync(Uri address, CancellationToken cancellation)
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
        {
            Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = LargestDocument,
        };
        try
        {
            return await http.GetByteArrayAsync(address, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new GatewayUnreachableException("The network document could not be fetched.", error);
        }
    }

    /// <inheritdoc/>
    public override async Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await PostAsync("v1/packets", packet, cancellation);
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
        try
        {
            byte[] answer = new byte[_answerSize];
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
            await body.ReadExactlyAsync(answer, cancellation);
            return answer;
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
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
