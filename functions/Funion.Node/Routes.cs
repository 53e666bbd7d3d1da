using Funion.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Node;

/// <summary>
/// HTTP routes. A function each, so that a node's role decides which are there; what answers is the same for all, and the same as on one machine. No
/// function names methods: a wrong one gets the ingress's own answer, not the host's.
/// </summary>
public sealed class Routes(NodeRoutes routes)
{
    /// <summary>One packet.</summary>
    [Function("Packets")]
    public IResult Packets([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/packets")] HttpRequest request) => Answer(request);

    /// <summary>One mailbox poll.</summary>
    [Function("Mailbox")]
    public IResult Mailbox([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/mailbox")] HttpRequest request) => Answer(request);

    /// <summary>The signed network document.</summary>
    [Function("Network")]
    public IResult Network([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/network")] HttpRequest request) => Answer(request);

    /// <summary>What became of the node's own loops.</summary>
    [Function("Loops")]
    public IResult Loops([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/loops")] HttpRequest request) => Answer(request);

    /// <summary>A message of another operator's node.</summary>
    [Function("Hop")]
    public IResult Hop([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/hop")] HttpRequest request) => Answer(request);

    RoutedResult Answer(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new RoutedResult(routes);
    }
}
