namespace Funion.Client;

/// <summary>A client's way to its gateway: the ingress over HTTP, or the gateway's role in the same process.</summary>
public abstract class GatewayConnection
{
    /// <summary>
    /// Hands in one packet. Throws <see cref="Roles.NetworkFullException"/> when it was turned away, <see cref="GatewayUnreachableException"/> when it was not taken otherwise.
    /// </summary>
    public abstract Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation);

    /// <summary>Polls a mailbox; the answer has exactly m entries. Throws <see cref="GatewayUnreachableException"/> when there is none.</summary>
    public abstract Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation);
}
