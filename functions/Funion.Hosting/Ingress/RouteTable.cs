using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>Every route of a node and the one method that it takes. <c>openapi.json</c> describes each.</summary>
public static class RouteTable
{
    /// <summary>One packet of a client.</summary>
    public const string Packets = "/v1/packets";

    /// <summary>One poll of a client's mailbox.</summary>
    public const string Mailbox = "/v1/mailbox";

    /// <summary>The signed network document.</summary>
    public const string Network = "/v1/network";

    /// <summary>What became of the nodes' own loops.</summary>
    public const string Loops = "/v1/loops";

    /// <summary>Whether the node runs.</summary>
    public const string Live = "/v1/health/live";

    /// <summary>Whether it has a document and keys.</summary>
    public const string Ready = "/v1/health/ready";

    /// <summary>A message of another operator's node.</summary>
    public const string Hop = "/v1/hop";

    /// <summary>Most bytes of a request's headers. A server may allow some more, so that who goes beyond is told.</summary>
    public const int LargestHeaders = 8192;

    /// <summary>Method by route.</summary>
    public static IReadOnlyDictionary<string, string> Methods { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Packets] = HttpMethods.Post, [Mailbox] = HttpMethods.Post, [Network] = HttpMethods.Get, [Loops] = HttpMethods.Get,
        [Live] = HttpMethods.Get, [Ready] = HttpMethods.Get, [Hop] = HttpMethods.Post,
    };

    /// <summary>Whether a request is one for a route that is served here; answers it when it is not.</summary>
    internal static ValueTask<bool> AdmitsAsync(HttpContext context, Func<string, bool> serves) => AdmitsAsync(context, Methods, serves);

    /// <summary>The same for routes that are no node's.</summary>
    internal static async ValueTask<bool> AdmitsAsync(HttpContext context, IReadOnlyDictionary<string, string> methods, Func<string, bool> serves)
    {
        Problem? problem = null;
        if (context.Request.Headers.Sum(header => (long)header.Key.Length + header.Value.Sum(value => value?.Length ?? 0)) > LargestHeaders)
        {
            problem = Problem.Headers;
        }
        else if (context.Request.Path.Value is not { } path || !methods.TryGetValue(path, out string? method) || !serves(path))
        {
            problem = Problem.Route;
        }
        else if (context.Request.Method != method)
        {
            context.Response.Headers.Allow = method;
            problem = Problem.Method;
        }
        if (problem is not null)
        {
            await problem.AnswerAsync(context);
        }
        return problem is null;
    }
}
