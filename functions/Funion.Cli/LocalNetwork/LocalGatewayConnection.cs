using Funion.Client;
using Funion.Roles;

namespace Funion.Cli.LocalNetwork;

/// <summary>A gateway in the same process: the calls that the ingress makes, without HTTP between.</summary>
sealed class LocalGatewayConnection(GatewayRole gateway, EffectRunner runner) : GatewayConnection
{
    public override async Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation)
    {
        Work work = gateway.Submit(packet) ?? throw new GatewayUnreachableException("The packet has not the network's size.");
        await runner.RunAsync(work, cancellation);
    }

    public override async Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        await gateway.PollAsync(request, cancellation) ?? throw new GatewayUnreachableException("The poll is malformed.");
}
