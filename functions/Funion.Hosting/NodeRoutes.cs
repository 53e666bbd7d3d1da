using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Funion.Network;
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
    public Task HandleAsync(HttpContext context) => Problem.GuardAsync(context, RouteAsync);

    async Task RouteAsync(HttpContext context)
    {
        if (!await RouteTable.AdmitsAsync(context, Serves))
        {
            return;
        }
        switch (context.Request.Path.Value)
        {
            case RouteTable.Live:
                // Alive says nothing of the network.
                break;
            case RouteTable.Ready:
                await host.CurrentAsync(context.RequestAborted);
                break;
            case RouteTable.Hop:
                _hops ??= await host.HopsAsync(context.RequestAborted);
                await _hops.HandleAsync(context);
                break;
            default:
                _ingress ??= await host.IngressAsync(behindFrontEnd, context.RequestAborted);
                await _ingress.AnswerAsync(context);
                break;
        }
    }

    bool Serves(string route) => host.Settings.Role == NodeRole.Gateway || route is RouteTable.Live or RouteTable.Ready or RouteTable.Hop;
}
