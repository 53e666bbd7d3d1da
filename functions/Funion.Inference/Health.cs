using Funion.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Inference.App;

/// <summary>What the container's probes ask.</summary>
public sealed class Health(NodeRoutes routes)
{
    /// <summary>Whether the app runs.</summary>
    [Function("Live")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/health/live")] HttpRequest request) => new RoutedResult(routes);

    /// <summary>Whether it has a document, keys and models.</summary>
    [Function("Ready")]
    public IResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/health/ready")] HttpRequest request) => new RoutedResult(routes);
}
