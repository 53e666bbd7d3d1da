using System.Net;
using Funion.Roles;
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
    const string Binary = "application/octet-stream";

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
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (PortUnavailableException)
        {
            await ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The gateway cannot take this now. Try again.");
        }
        catch (BadHttpRequestException bad)
        {
            await ProblemAsync(context, bad.StatusCode, "bad-request", "The request body could not be read.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The last line: a bug must not show its trace to whoever provoked it.
        catch (Exception)
        {
            await ProblemAsync(context, StatusCodes.Status500InternalServerError, "internal", "The gateway failed.");
        }
#pragma warning restore CA1031
    }

    Task RouteAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("POST", "/v1/packets") => PacketAsync(context),
        ("POST", "/v1/mailbox") => MailboxAsync(context),
        ("GET", "/v1/network") => DocumentAsync(context),
        ("GET", "/v1/loops") => LoopsAsync(context),
        ("GET", "/v1/health/live") => Task.CompletedTask,
        ("GET", "/v1/health/ready") => Task.CompletedTask,
        (_, "/v1/packets" or "/v1/mailbox" or "/v1/network" or "/v1/loops" or "/v1/health/live" or "/v1/health/ready") =>
            ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, "method", "This route takes another method."),
        _ => ProblemAsync(context, StatusCodes.Status404NotFound, "route", "There is no such route."),
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
            await ProblemAsync(context, StatusCodes.Status400BadRequest, "poll", "This is not a mailbox poll.");
            return;
        }
        context.Response.ContentType = Binary;
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    async Task DocumentAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        ReadOnlyMemory<byte> document = _handlers.Document();
        context.Response.ContentLength = document.Length;
        await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }

    async Task LoopsAsync(HttpContext context)
    {
        if (await MayAsync(context))
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(LoopsJson.Of(await _handlers.Loops(context.RequestAborted)).ToJsonString());
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
        await ProblemAsync(context, StatusCodes.Status429TooManyRequests, "rate", "You send faster than the network's rate.");
        return false;
    }

    async Task<byte[]?> ReadAsync(HttpContext context, int size)
    {
        if (!await MayAsync(context))
        {
            return null;
        }
        if (context.Request.ContentType != Binary)
        {
            await ProblemAsync(context, StatusCodes.Status415UnsupportedMediaType, "content-type", $"Send {Binary}.");
            return null;
        }
        if (context.Request.ContentLength != size)
        {
            await ProblemAsync(context, StatusCodes.Status400BadRequest, "size", $"This route takes exactly {size} bytes.");
            return null;
        }
        byte[] body = new byte[size];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        return body;
    }

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

    static Task ProblemAsync(HttpContext context, int status, string type, string title) => Problem.WriteAsync(context, status, type, title);
}
