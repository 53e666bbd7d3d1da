using System.Net;

namespace Funion.Client;

/// <summary>HTTP connections whose requests all look alike: no cookie, no trace context, no detour.</summary>
static class UntracedHttp
{
    /// <summary>A handler to dispose of with its client. Names of servers are looked up again every ten minutes.</summary>
    public static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(10), ActivityHeadersPropagator = null,
    };
}
