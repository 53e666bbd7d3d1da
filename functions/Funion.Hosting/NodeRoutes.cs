using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting;

/// <summary>Every route of a node, whatever its role: hops at all, the ingress at a gateway, health. Made with the first request.</summary>
/// <param name="host">The node.</param>
/// <param name="behindFrontEnd">Whether connections are a platform's front end's.</param>
public sealed class NodeRoutes(NodeHost host, bool behindFrontEnd)
{
    /// <summary>The largest body of any route of any network; a node's own routes take what its network's sizes are.</summary>
    public const int LargestBody = 1 << 16;

    IngressRoutes? _ingress;
    HopRoute? _hops;

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        string path = context.Request.Path.Value ?? "";
        if (path == "/v1/health/live")
        {
            // Alive says nothing of the network.
            return;
        }
        try
        {
            await RouteAsync(context, path);
        }
        catch (Exception error) when (error is Roles.PortUnavailableException or NodeSettingsException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The node is not ready. Try again.");
        }
    }

    async Task RouteAsync(HttpContext context, string path)
    {
        if (path == "/v1/hop" && context.Request.Method == HttpMethods.Post)
        {
            _hops ??= await host.HopsAsync(context.RequestAborted);
            await _hops.HandleAsync(context);
        }
        else if (host.Settings.Role == Network.NodeRole.Gateway)
        {
            _ingress ??= await host.IngressAsync(behindFrontEnd, context.RequestAborted);
            await _ingress.HandleAsync(context);
        }
        else if (path == "/v1/health/ready")
        {
            await host.CurrentAsync(context.RequestAborted);
        }
        else if (path == "/v1/hop")
        {
            await Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method", "This route takes another method.");
        }
        else
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "route", "There is no such route.");
        }
    }
}
