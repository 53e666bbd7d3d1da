using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>
/// The direct channel of two-party inference, at a compute node:
/// <code>
/// GET /v1/two-party   Upgrade: websocket → 101, then a sealed stream of binary messages, of which this route knows nothing
/// </code>
/// Whoever finds no place, or speaks no WebSocket, is answered with a problem before anything is taken from him. Nothing is logged.
/// </summary>
/// <param name="enter">A place for a session of an address, or null.</param>
/// <param name="serve">Serves a line, which it disposes of.</param>
public sealed class TwoPartyRoute(Func<string, IDisposable?> enter, Func<Stream, string, CancellationToken, Task> serve)
{
    /// <summary>The one route.</summary>
    public const string Path = "/v1/two-party";

    static readonly Dictionary<string, string> s_methods = new(StringComparer.Ordinal) { [Path] = HttpMethods.Get };

    static readonly Problem s_upgrade = new(StatusCodes.Status426UpgradeRequired, "upgrade", "This route speaks WebSocket.");

    /// <summary>Whether a request is for this route.</summary>
    public static bool Takes(HttpContext context) => context?.Request.Path.Value == Path;

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context) => Problem.GuardAsync(context, OpenAsync);

    async Task OpenAsync(HttpContext context)
    {
        if (!await RouteTable.AdmitsAsync(context, s_methods, _ => true))
        {
            return;
        }
        // A web page of somebody else's could plant questions through its visitors.
        if (context.Request.Headers.ContainsKey("Origin"))
        {
            await Problem.Sender.AnswerAsync(context);
            return;
        }
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await s_upgrade.AnswerAsync(context);
            return;
        }
        string party = PartyOf(context.Connection.RemoteIpAddress);
        using IDisposable? place = enter(party);
        if (place is null)
        {
            context.Response.Headers.RetryAfter = "10";
            await Problem.Unavailable.AnswerAsync(context);
            return;
        }
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await serve(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true), party, context.RequestAborted);
    }

    /// <summary>An address; of an IPv6 one its /64, which is what one subscriber gets.</summary>
    static string PartyOf(IPAddress? address)
    {
        if (address is null || address.IsIPv4MappedToIPv6 || address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return address?.MapToIPv4().ToString() ?? "";
        }
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }
}
