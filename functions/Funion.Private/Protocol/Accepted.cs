namespace Funion.Private.Protocol;

/// <summary>A server's word on an offer: <c>outcome 1 ‖ nonce 32</c>, the nonce all zero in a refusal.</summary>
static class Accepted
{
    /// <summary>Receives it; a refusal ends the channel, for the reason that the server gives.</summary>
    public static async ValueTask<ProtocolOutcome> ReceiveAsync(MessageChannel channel, Memory<byte> accept, CancellationToken cancellation)
    {
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Accept, accept, cancellation);
        if (outcome != ProtocolOutcome.Done || accept.Span[0] == 0)
        {
            return outcome;
        }
        ProtocolOutcome reason = (ProtocolOutcome)accept.Span[0];
        return channel.Fail(Enum.IsDefined(reason) ? reason : ProtocolOutcome.Malformed);
    }
}
