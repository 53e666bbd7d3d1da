using Funion.Hosting.Ingress;
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
    public Task HandleAsync(HttpContext context) => Problem.GuardAsync(context, TakeAsync);

    async Task TakeAsync(HttpContext context)
    {
        if (await BinaryBody.ReadAsync(context, HopRequest.Overhead, largest) is not { } body)
        {
            return;
        }
        Problem? refused = await take(body, context.RequestAborted) switch
        {
            HopOutcome.Taken => null,
            HopOutcome.Malformed => Problem.Size,
            HopOutcome.Misdirected => Problem.Receiver,
            HopOutcome.WrongTime => Problem.Time,
            _ => Problem.Sender,
        };
        if (refused is not null)
        {
            await refused.AnswerAsync(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
