using Microsoft.AspNetCore.Http;

namespace Funion.Hosting;

/// <summary>What an HTTP function returns: the node's routes answer the request, by its path.</summary>
public sealed class RoutedResult(NodeRoutes routes) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => routes.HandleAsync(httpContext);
}
