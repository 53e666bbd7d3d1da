using System.Collections.Concurrent;
using Funion.Tokens;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>
/// The HTTP side of a token issuer.
/// <code>
/// POST /v1/tokens   application/octet-stream, one TokenBatch; Authorization: Bearer INVITATION → 200, an answer as long for a refusal as for tokens
/// </code>
/// Who has no invitation, or a wrong one, is told that nothing is granted. Nothing is logged.
/// </summary>
/// <param name="issuer">The issuer as it is now: its keys turn.</param>
/// <param name="knows">Whether a client is one of the operator's.</param>
/// <param name="time">Clock.</param>
public sealed class IssuerRoutes(Func<TokenIssuer> issuer, Func<string, bool> knows, TimeProvider time)
{
    /// <summary>Bytes of the largest body.</summary>
    public static readonly int LargestBody = TokenBatch.Size(TokenBatch.Most);

    /// <summary>The one route.</summary>
    public const string Tokens = "/v1/tokens";

    const string Scheme = "Bearer ";

    static readonly Dictionary<string, string> s_methods = new(StringComparer.Ordinal) { [Tokens] = HttpMethods.Post };

    /// <summary>A client asks twice a day, and again when an answer was lost; signing a batch takes up to half a second.</summary>
    readonly ConcurrentDictionary<string, TokenBucket> _clients = new(StringComparer.Ordinal);

    readonly RateLimits _limits = new(1, time);

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context) => Problem.GuardAsync(context, IssueAsync);

    async Task IssueAsync(HttpContext context)
    {
        if (!await RouteTable.AdmitsAsync(context, s_methods, _ => true))
        {
            return;
        }
        if (!_limits.TryTake(context.Connection.RemoteIpAddress))
        {
            context.Response.Headers.RetryAfter = "10";
            await Problem.Rate.AnswerAsync(context);
            return;
        }
        if (await BinaryBody.ReadAsync(context, 0, LargestBody) is not { } batch)
        {
            return;
        }
        if (TokenBatch.TryRead(batch) is null)
        {
            await Problem.Size.AnswerAsync(context);
            return;
        }
        string header = context.Request.Headers.Authorization.ToString();
        string client = header.StartsWith(Scheme, StringComparison.Ordinal) && TokenInvitation.TryParse(header[Scheme.Length..], out TokenInvitation? invitation)
            ? invitation.Hash()
            : "";
        // Before anything is signed; whom nobody knows costs nothing, and is not remembered.
        if (knows(client) && !_clients.GetOrAdd(client, _ => new TokenBucket(1.0 / 60, 4, time)).TryTake())
        {
            context.Response.Headers.RetryAfter = "60";
            await Problem.Rate.AnswerAsync(context);
            return;
        }
        byte[] answer = await issuer().IssueAsync(client, batch, context.RequestAborted);
        await BinaryBody.WriteAsync(context, answer);
    }
}
