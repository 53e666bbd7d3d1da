using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Funion.Network;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting;

/// <summary>Every route of a node, whatever its role: hops at all, the ingress at a gateway, loops at a mix, health. The sizes that they hold requests to turn with the node's generation.</summary>
/// <param name="host">The node.</param>
/// <param name="behindFrontEnd">Whether connections are a platform's front end's.</param>
public sealed class NodeRoutes(NodeHost host, bool behindFrontEnd)
{
    /// <summary>The largest body of any route of any network; a node's own routes take what its network's sizes are.</summary>
    public const int LargestBody = 1 << 16;

    Generation? _routes;

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
                await (await CurrentAsync(context.RequestAborted)).Hops.HandleAsync(context);
                break;
            default:
                await (await CurrentAsync(context.RequestAborted)).Ingress.AnswerAsync(context);
                break;
        }
    }

    async ValueTask<Generation> CurrentAsync(CancellationToken cancellation)
    {
        NodeGeneration of = await host.CurrentAsync(cancellation);
        Generation? routes = _routes;
        if (routes?.Of != of)
        {
            // Two requests may both make them: the limits of one second are the loss.
            _routes = routes = new Generation(of, host.Ingress(of, behindFrontEnd), host.Hops(of));
        }
        return routes;
    }

    bool Serves(string route) => route switch
    {
        RouteTable.Live or RouteTable.Ready or RouteTable.Hop => true,
        RouteTable.Loops => host.Settings.Role is NodeRole.Gateway or NodeRole.Mix,
        _ => host.Settings.Role == NodeRole.Gateway,
    };

    sealed record Generation(NodeGeneration Of, IngressRoutes Ingress, HopRoute Hops);
}
