using Funion.Hosting.Ingress;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Funion.Cli.Ingress;

/// <summary>The ingress of a gateway on one machine: <see cref="IngressRoutes"/> behind Kestrel, which is bounded in every direction. Nothing is logged.</summary>
sealed class IngressServer : IAsyncDisposable
{
    const int MostConnections = 4096;

    readonly WebApplication _app;

    IngressServer(WebApplication app) => _app = app;

    /// <summary>Where it listens, for example http://127.0.0.1:8600.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts listening; port 0 takes a free one.</summary>
    public static Task<IngressServer> StartAsync(Uri listen, IngressHandlers handlers, CancellationToken cancellation) =>
        StartAsync(listen, handlers.LargestBody, new IngressRoutes(handlers, TimeProvider.System).HandleAsync, cancellation);

    /// <summary>Starts listening for any routes whose bodies have at most so many bytes.</summary>
    /// <param name="listen">Where.</param>
    /// <param name="largestBody">Bytes.</param>
    /// <param name="routes">What answers.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="webSockets">How many at a time.</param>
    public static async Task<IngressServer> StartAsync(
        Uri listen, int largestBody, RequestDelegate routes, CancellationToken cancellation, int webSockets = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(listen.GetLeftPart(UriPartial.Authority));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = largestBody;
            // Beyond the rule's own limit, so that who breaks it is told; beyond these the server ends the connection with a bare status.
            kestrel.Limits.MaxRequestHeadersTotalSize = 4 * RouteTable.LargestHeaders;
            kestrel.Limits.MaxRequestHeaderCount = 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = webSockets;
        });
        WebApplication app = builder.Build();
        if (webSockets > 0)
        {
            app.UseWebSockets();
        }
        app.Run(routes);
        await app.StartAsync(cancellation);
        return new IngressServer(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
