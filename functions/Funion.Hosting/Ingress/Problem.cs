using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>An error as RFC 9457 writes it: the rule that was broken, and nothing of the server.</summary>
static class Problem
{
    public static async Task WriteAsync(HttpContext context, int status, string type, string title)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync($$"""{"type":"urn:funion:problem:{{type}}","title":"{{title}}","status":{{status}}}""");
    }
}
