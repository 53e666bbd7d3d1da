using System.Net;
using System.Net.Http.Headers;
using Funion.Client;
using Funion.Network;

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

    readonly Func<string?> _address;
    readonly TokenInvitation _invitation;

    /// <summary>Asks the issuer whose base URL the document in force names.</summary>
    public HttpTokenIssuer(Func<string?> address, TokenInvitation invitation)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(invitation);
        _address = address;
        _invitation = invitation;
    }

    /// <summary>The answer to a batch; null when the issuer is not reached, or answers something else.</summary>
    public async ValueTask<byte[]?> AskAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        // A document was accepted with this address, and with this rule: no invitation goes in the clear.
        if (!Uri.TryCreate(_address() + "/v1/tokens", UriKind.Absolute, out Uri? issuer) || !TokenRules.IsIssuer(issuer))
        {
            return null;
        }
        using ReadOnlyMemoryContent body = new(batch);
        body.Headers.ContentType = s_binary;
        using HttpRequestMessage request = new(HttpMethod.Post, issuer) { Content = body };
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
