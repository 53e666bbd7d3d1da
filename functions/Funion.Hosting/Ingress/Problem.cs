using System.Text;
using Funion.Roles;
using Microsoft.AspNetCore.Http;

namespace Funion.Hosting.Ingress;

/// <summary>
/// An error as RFC 9457 writes it: the rule that was broken, and nothing of the server. The table is closed; <c>openapi.json</c> says where each may come. A route outside of it has its own.
/// </summary>
sealed class Problem
{
    public static readonly Problem BadRequest = new(StatusCodes.Status400BadRequest, "bad-request", "The request body could not be read.");

    public static readonly Problem Size = new(StatusCodes.Status400BadRequest, "size", "The body has not the size that this route takes.");

    public static readonly Problem Poll = new(StatusCodes.Status400BadRequest, "poll", "This is not a mailbox poll.");

    public static readonly Problem Time = new(StatusCodes.Status400BadRequest, "time", "This hop was not sent now.");

    /// <summary>A stranger and a forger get one answer.</summary>
    public static readonly Problem Sender = new(StatusCodes.Status403Forbidden, "sender", "No peer of this node sent this.");

    public static readonly Problem Route = new(StatusCodes.Status404NotFound, "route", "There is no such route.");

    public static readonly Problem Method = new(StatusCodes.Status405MethodNotAllowed, "method", "This route takes another method.");

    public static readonly Problem Slow = new(StatusCodes.Status408RequestTimeout, "slow", "The request body came too slowly.");

    public static readonly Problem ContentType = new(StatusCodes.Status415UnsupportedMediaType, "content-type", "Send application/octet-stream.");

    public static readonly Problem Receiver = new(StatusCodes.Status421MisdirectedRequest, "receiver", "This hop is for another node.");

    public static readonly Problem Rate = new(StatusCodes.Status429TooManyRequests, "rate", "You send faster than the network's rate.");

    public static readonly Problem Headers = new(StatusCodes.Status431RequestHeaderFieldsTooLarge, "headers", "The request's headers are too large.");

    public static readonly Problem Internal = new(StatusCodes.Status500InternalServerError, "internal", "The node failed.");

    public static readonly Problem Unavailable = new(StatusCodes.Status503ServiceUnavailable, "unavailable", "The node cannot take this now. Try again.");

    internal Problem(int status, string type, string title)
    {
        Status = status;
        Type = "urn:funion:problem:" + type;
        Title = title;
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Problem> All { get; } =
        [BadRequest, Size, Poll, Time, Sender, Route, Method, Slow, ContentType, Receiver, Rate, Headers, Internal, Unavailable];

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The URN that names the rule.</summary>
    public string Type { get; }

    /// <summary>The rule in a sentence, always the same.</summary>
    public string Title { get; }

    /// <summary>Answers a request, unless an answer is under way: that one is cut off.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        byte[] body = Encoding.UTF8.GetBytes($$"""{"type":"{{Type}}","title":"{{Title}}","status":{{Status}}}""");
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // Written to nobody it is no error, as it would be with the request's own token.
            await context.Response.Body.WriteAsync(body, CancellationToken.None);
        }
    }

    /// <summary>Runs what answers a request. Whatever it throws is answered from the table: no host's error page, and no trace for who provoked it.</summary>
    public static async Task GuardAsync(HttpContext context, RequestDelegate answer)
    {
        try
        {
            await answer(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
#pragma warning disable CA1031 // The last line.
        catch (Exception error)
        {
            if (error is NetworkFullException && !context.Response.HasStarted)
            {
                context.Response.Headers.RetryAfter = "1";
            }
            await Of(error).AnswerAsync(context);
        }
#pragma warning restore CA1031
    }

    static Problem Of(Exception error) => error switch
    {
        PortUnavailableException or NodeSettingsException => Unavailable,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Slow,
        // What a front end passes on may end early without its server's noticing.
        BadHttpRequestException or EndOfStreamException => BadRequest,
        _ => Internal,
    };
}
