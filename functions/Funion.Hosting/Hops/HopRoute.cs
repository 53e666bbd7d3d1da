using Funion.Hosting.Ingress;
using Funion.Roles;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Hops;

/// <summary>
/// <c>POST /v1/hop</c>: takes a <see cref="HopRequest"/> of another operator's node onto this node's own queue. 202 says that it lies there; every refusal
/// is a problem+json error that names the rule.
/// </summary>
/// <param name="largest">Bytes of the largest body.</param>
/// <param name="take">Judges a body and enqueues its message.</param>
public sealed class HopRoute(int largest, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<HopOutcome>> take)
{
    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await TakeAsync(context);
        }
        catch (PortUnavailableException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The node cannot take this now. Try again.");
        }
        catch (BadHttpRequestException bad)
        {
            await Problem.WriteAsync(context, bad.StatusCode, "bad-request", "The request body could not be read.");
        }
        catch (EndOfStreamException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "bad-request", "The request body could not be read.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
    }

    async Task TakeAsync(HttpContext context)
    {
        if (context.Request.ContentType != "application/octet-stream")
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "content-type", "Send application/octet-stream.");
            return;
        }
        if (context.Request.ContentLength is not { } length || length < HopRequest.Overhead || length > largest)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "size", "This is no hop.");
            return;
        }
        byte[] body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        switch (await take(body, context.RequestAborted))
        {
            case HopOutcome.Taken:
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            case HopOutcome.Malformed:
                await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "size", "This is no hop.");
                break;
            case HopOutcome.Misdirected:
                await Problem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, "receiver", "This hop is for another node.");
                break;
            case HopOutcome.WrongTime:
                await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "time", "This hop was not sent now.");
                break;
            default:
                // A stranger and a forger get one answer.
                await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "sender", "No peer of this node sent this.");
                break;
        }
    }
}
