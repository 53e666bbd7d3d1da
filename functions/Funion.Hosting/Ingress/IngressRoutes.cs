using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Funion.Hosting.Ingress;

/// <summary>
/// The HTTP ingress of a gateway, wherever it runs; <c>openapi.json</c> beside this file is its contract.
/// <code>
/// POST /v1/packets        application/octet-stream, exactly one packet   → 202, no body
/// POST /v1/mailbox        application/octet-stream, one MailboxRequest   → 200, exactly m entries
/// GET  /v1/network        → 200, the signed network document
/// GET  /v1/loops          → 200, what became of the nodes' own loops
/// GET  /v1/health/live, /v1/health/ready → 200
/// </code>
/// Everything else is a problem+json error that names the rule and nothing of the server. Nothing is logged.
/// </summary>
public sealed class IngressRoutes
{
    const string Json = "application/json";

    readonly IngressHandlers _handlers;
    readonly RateLimits _limits;
    readonly bool _behindFrontEnd;

    /// <summary>Routes to what stands behind.</summary>
    /// <param name="handlers">The gateway.</param>
    /// <param name="time">Clock.</param>
    /// <param name="behindFrontEnd">Connections are a platform's front end's: its visitors' addresses count, and no connection.</param>
    public IngressRoutes(IngressHandlers handlers, TimeProvider time, bool behindFrontEnd = false)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        _handlers = handlers;
        _behindFrontEnd = behindFrontEnd;
        _limits = new RateLimits(handlers.RequestsPerSecond, time);
    }

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context) => Problem.GuardAsync(context, async admitted =>
    {
        if (await RouteTable.AdmitsAsync(admitted, route => route != RouteTable.Hop))
        {
            await AnswerAsync(admitted);
        }
    });

    /// <summary>Answers a request that is for one of its routes, by the route's method.</summary>
    internal Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        RouteTable.Packets => PacketAsync(context),
        RouteTable.Mailbox => MailboxAsync(context),
        RouteTable.Network => DocumentAsync(context),
        RouteTable.Loops => LoopsAsync(context),
        // Health: that it answers is the answer.
        _ => Task.CompletedTask,
    };

    async Task PacketAsync(HttpContext context)
    {
        if (await ReadAsync(context, _handlers.PacketSize) is not { } packet)
        {
            return;
        }
        await _handlers.Submit(packet, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    async Task MailboxAsync(HttpContext context)
    {
        if (await ReadAsync(context, _handlers.PollSize) is not { } request)
        {
            return;
        }
        if (await _handlers.Poll(request, context.RequestAborted) is not { } answer)
        {
            await Problem.Poll.AnswerAsync(context);
            return;
        }
        await BinaryBody.WriteAsync(context, answer);
    }

    async Task DocumentAsync(HttpContext context)
    {
        if (await MayAsync(context))
        {
            await BinaryBody.WriteAsync(context, _handlers.Document(), Json);
        }
    }

    async Task LoopsAsync(HttpContext context)
    {
        if (await MayAsync(context))
        {
            await BinaryBody.WriteAsync(context, Encoding.UTF8.GetBytes(LoopsJson.Of(await _handlers.Loops(context.RequestAborted)).ToJsonString()), Json);
        }
    }

    /// <summary>Whether the limits allow a request; answers it when they do not.</summary>
    async Task<bool> MayAsync(HttpContext context)
    {
        if (_behindFrontEnd
            ? _limits.TryTake(ForwardedFor(context))
            : BucketOf(context).TryTake() && _limits.TryTake(context.Connection.RemoteIpAddress))
        {
            return true;
        }
        context.Response.Headers.RetryAfter = "1";
        await Problem.Rate.AnswerAsync(context);
        return false;
    }

    async Task<byte[]?> ReadAsync(HttpContext context, int size) => await MayAsync(context) ? await BinaryBody.ReadAsync(context, size, size) : null;

    TokenBucket BucketOf(HttpContext context)
    {
        IDictionary<object, object?> items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        if (!items.TryGetValue(typeof(TokenBucket), out object? bucket))
        {
            items[typeof(TokenBucket)] = bucket = _limits.ForConnection();
        }
        return (TokenBucket)bucket!;
    }

    /// <summary>The address that the front end saw: the last one in the list, for what stands before it is the visitor's own word.</summary>
    static IPAddress? ForwardedFor(HttpContext context)
    {
        string last = context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
        return IPEndPoint.TryParse(last, out IPEndPoint? address) ? address.Address : null;
    }
}
