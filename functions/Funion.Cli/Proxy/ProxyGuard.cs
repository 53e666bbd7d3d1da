using System.Net;
using System.Security.Cryptography;
using System.Text;
using Funion.Oip;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Funion.Cli.Proxy;

/// <summary>
/// Keeps web pages away from a server that trusts its own machine: a page reaches loopback ports through any browser, and through a
/// name of its own that resolves to them (DNS rebinding). Programs send neither Origin nor Sec-Fetch-Site.
/// </summary>
static class ProxyGuard
{
    const string FetchSite = "Sec-Fetch-Site";

    static readonly string[] Names = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>Null for a caller that may go on, otherwise the refusal.</summary>
    public static OipAnswer? Check(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (!IsLocal(headers.Host, context.Connection.LocalPort))
        {
            return OipAnswer.Error(HttpStatusCode.Forbidden, "The Host header does not name this proxy.");
        }
        if (headers.ContainsKey(HeaderNames.Origin) || headers[FetchSite].Any(site => site is not ("none" or "same-origin")))
        {
            return OipAnswer.Error(HttpStatusCode.Forbidden, "Web pages may not use this proxy.");
        }
        return null;
    }

    /// <summary>Compares in constant time; the length of a token is no secret.</summary>
    public static bool HasToken(HttpContext context, ReadOnlySpan<byte> token) =>
        context.Request.Headers[ProxyServer.TokenHeader] is [{ } given]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), token);

    // Compared as text and whole: whatever else a parser would make of a Host header is not this proxy's name.
    static bool IsLocal(StringValues host, int port) => host is [{ } text]
        && Names.Any(name => text.Equals($"{name}:{port}", StringComparison.OrdinalIgnoreCase)
            || (port == 80 && text.Equals(name, StringComparison.OrdinalIgnoreCase)));
}
