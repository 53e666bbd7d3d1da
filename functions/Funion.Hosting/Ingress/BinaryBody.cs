using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>Bodies of <c>application/octet-stream</c>: of a length that is told beforehand and looked at before anything is read.</summary>
static class BinaryBody
{
    public const string Type = "application/octet-stream";

    /// <summary>The body of a request; null when it was refused, and answered so.</summary>
    /// <param name="context">Request and answer.</param>
    /// <param name="least">Fewest bytes.</param>
    /// <param name="most">Most bytes.</param>
    public static async Task<byte[]?> ReadAsync(HttpContext context, long least, long most)
    {
        if (context.Request.ContentType != Type)
        {
            await Problem.ContentType.AnswerAsync(context);
            return null;
        }
        if (context.Request.ContentLength is not { } length || length < least || length > most)
        {
            await Problem.Size.AnswerAsync(context);
            return null;
        }
        byte[] body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        return body;
    }

    /// <summary>Answers with bytes of a type.</summary>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, string type = Type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
