using Funion.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Funion.Cli.Ingress;

/// <summary>
/// The HTTP ingress of a gateway on one machine.
/// <code>
/// POST /v1/packets        application/octet-stream, exactly one packet   → 202, no body
/// POST /v1/mailbox        application/octet-stream, one MailboxRequest   → 200, exactly m entries
/// GET  /v1/network        → 200, the signed network document
/// GET  /v1/loops          → 200, what became of the nodes' own loops
/// GET  /v1/health/live, /v1/health/ready → 200
/// </code>
/// Everything else is a problem+json error that names the rule and nothing of the server. Nothing is logged.
/// </summary>
sealed class IngressServer : IAsyncDisposable
{
    const string Binary = "application/octet-stream";

    const int MostConnections = 4096;

    readonly WebApplication _app;
    readonly IngressHandlers _handlers;
    readonly RateLimits _limits;

    IngressServer(WebApplication app, IngressHandlers handlers)
    {
        _app = app;
        _handlers = handlers;
        _limits = new RateLimits(handlers.RequestsPerSecond, TimeProvider.System);
    }

    /// <summary>Where it listens, for example http://127.0.0.1:8600.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts listening; port 0 takes a free one.</summary>
    public static async Task<IngressServer> StartAsync(Uri listen, IngressHandlers handlers, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(listen.GetLeftPart(UriPartial.Authority));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = handlers.LargestBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8192;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        });
        WebApplication app = builder.Build();
        IngressServer server = new(app, handlers);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancellation);
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    async Task HandleAsync(HttpContext context)
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
        if (BucketOf(context).TryTake() && _limits.TryTake(context.Connection.RemoteIpAddress))
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

    static async Task ProblemAsync(HttpContext context, int status, string type, string title)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync($$"""{"type":"urn:funion:problem:{{type}}","title":"{{title}}","status":{{status}}}""");
    }
}
