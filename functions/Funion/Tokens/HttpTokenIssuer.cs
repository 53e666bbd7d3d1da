using System.Net;
using System.Net.Http.Headers;
using Funion.Client;

namespace Funion.Tokens;

/// <summary>
/// An issuer over HTTP, <c>POST /v1/tokens</c> with the client's invitation. It sees an address and an invitation, and learns from neither what becomes of
/// the tokens; it is asked apart from everything else, and never through the gateway.
/// </summary>
public sealed class HttpTokenIssuer : IDisposable
{
    static readonly MediaTypeHeaderValue s_binary = new("application/octet-stream");

    readonly HttpClient _http = new(UntracedHttp.Handler())
    {
        Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = TokenBatch.AnswerSize(TokenBatch.Most),
    };

    readonly Uri _address;
    readonly TokenInvitation _invitation;

    /// <summary>Asks an issuer by its base URL, as the document names it.</summary>
    public HttpTokenIssuer(Uri issuer, TokenInvitation invitation)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentNullException.ThrowIfNull(invitation);
        _address = new Uri(issuer.AbsoluteUri.TrimEnd('/') + "/v1/tokens");
        _invitation = invitation;
    }

    /// <summary>The answer to a batch; null when the issuer is not reached, or answers something else.</summary>
    public async ValueTask<byte[]?> AskAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        using ReadOnlyMemoryContent body = new(batch);
        body.Headers.ContentType = s_binary;
        using HttpRequestMessage request = new(HttpMethod.Post, _address) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _invitation.ToString());
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, cancellation);
            return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync(cancellation) : null;
        }
        catch (Exception error) when (error is HttpRequestException or IOException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
