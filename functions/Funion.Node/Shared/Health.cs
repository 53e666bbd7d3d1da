using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Hosting.Cloud;

/// <summary>What a platform's probes ask.</summary>
public sealed class Health(NodeRoutes routes)
{
    /// <summary>Whether the app runs.</summary>
    [Function("Live")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/health/live")] HttpRequest request) => new RoutedResult(routes);

    /// <summary>Whether it has a document and keys, and models where it runs them.</summary>
    [Function("Ready")]
    public IResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/health/ready")] HttpRequest request) => new RoutedResult(routes);
}
