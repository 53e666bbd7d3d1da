using System.Globalization;
using System.Net;
using System.Text;
using Funion.Client;
using Funion.Oip;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Funion.Cli.Proxy;

/// <summary>
/// The local proxy of <c>funion serve</c>: Open Inference Protocol v2 on a loopback port.
/// <code>
/// GET  /v2, /v2/health/live, /v2/health/ready
/// GET  /v2/models/{model}[/versions/1], /v2/models/{model}[/versions/1]/ready
/// POST /v2/models/{model}[/versions/1]/infer
/// /funion/v1/…   for the tool itself, with its token
/// </code>
/// Nothing is logged.
/// </summary>
sealed class ProxyServer : IAsyncDisposable
{
    /// <summary>Carries the token of the tool's own routes.</summary>
    public const string TokenHeader = "X-Funion-Token";

    readonly WebApplication _app;
    readonly OipService _oip;
    readonly LocalRoutes _local;
    readonly TimeSpan _deadline;
    readonly byte[] _token;

    ProxyServer(WebApplication app, ProxyHandlers handlers, string token)
    {
        _app = app;
        _oip = new OipService(handlers.Inference);
        _local = new LocalRoutes(handlers);
        _deadline = handlers.Deadline;
        _token = Encoding.UTF8.GetBytes(token);
    }

    /// <summary>Where it listens, for example http://127.0.0.1:8700.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>()
        .Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts listening; port 0 takes a free one. Throws ArgumentException for an address that other machines reach.</summary>
    /// <param name="listen">On loopback.</param>
    /// <param name="handlers">The client.</param>
    /// <param name="token">Not empty; who has it may use /funion/v1.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<ProxyServer> StartAsync(
        IPEndPoint listen, ProxyHandlers handlers, string token, CancellationToken cancellation)
    {
        if (!IPAddress.IsLoopback(listen.Address))
        {
            throw new ArgumentException("The proxy listens on loopback only.", nameof(listen));
        }
        ArgumentException.ThrowIfNullOrEmpty(token);
        // Not the slim builder: it reads settings from files and the environment, and one of them could open a second port.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Read up to a limit by ReadAsync: Kestrel's own closes the connection before the caller can see why.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8192;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(listen);
        });
        WebApplication app = builder.Build();
        ProxyServer server = new(app, handlers, token);
        app.Run(server.HandleAsync);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What of a request is looked at.</summary>
    public static OipCall ToCall(HttpRequest request) => new(
        request.Method, request.ContentType, request.Headers.ContainsKey(HeaderNames.ContentEncoding),
        request.Headers.TryGetValue(OipAnswer.JsonLengthHeader, out StringValues length) ? length.ToString() : null,
        cancellation => ReadAsync(request, cancellation));

    /// <summary>Reads a body; null for one over the limit.</summary>
    static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > OipRequest.MaxBytes)
        {
            return null;
        }
        using MemoryStream body = new();
        byte[] piece = new byte[64 << 10];
        for (int read; (read = await request.Body.ReadAsync(piece, cancellation)) > 0;)
        {
            if (body.Length + read > OipRequest.MaxBytes)
            {
                return null;
            }
            body.Write(piece, 0, read);
        }
        return body.ToArray();
    }

    async Task HandleAsync(HttpContext context)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(_deadline);
        OipAnswer answer;
        try
        {
            answer = await AnswerAsync(context, deadline.Token);
        }
        catch (FunionException exception)
        {
            answer = OipAnswer.Of(exception.Error);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            answer = OipAnswer.Late;
        }
        catch (BadHttpRequestException bad)
        {
            answer = OipAnswer.Error((HttpStatusCode)bad.StatusCode, "The request body could not be read.");
        }
#pragma warning disable CA1031 // The last line: a bug must not show its trace to whoever provoked it.
        catch (Exception)
        {
            answer = OipAnswer.Error(HttpStatusCode.InternalServerError, "The proxy failed.");
        }
#pragma warning restore CA1031
        if (!context.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(context.Response, answer);
        }
    }

    async Task<OipAnswer> AnswerAsync(HttpContext context, CancellationToken cancellation)
    {
        if (ProxyGuard.Check(context) is { } refusal)
        {
            return refusal;
        }
        string[] path = (context.Request.Path.Value ?? "").Split('/');
        return path switch
        {
            ["", "v2", .. var route] => await _oip.AnswerAsync(ToCall(context.Request), route, cancellation),
            ["", "funion", "v1", .. var route] => ProxyGuard.HasToken(context, _token)
                ? await _local.AnswerAsync(context, route, cancellation)
                : OipAnswer.Error(HttpStatusCode.Forbidden, $"{TokenHeader} is missing or wrong."),
            _ => OipAnswer.NoRoute,
        };
    }

    static async Task WriteAsync(HttpResponse response, OipAnswer answer)
    {
        response.StatusCode = (int)answer.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (answer.Allow is { } allowed)
        {
            response.Headers.Allow = allowed;
        }
        if (answer.ContentType is null)
        {
            return;
        }
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        if (answer.JsonLength is { } length)
        {
            response.Headers[OipAnswer.JsonLengthHeader] = length.ToString(CultureInfo.InvariantCulture);
        }
        await response.Body.WriteAsync(answer.Body, response.HttpContext.RequestAborted);
    }
}
