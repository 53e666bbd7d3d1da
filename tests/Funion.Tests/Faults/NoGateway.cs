using Funion.Client;

namespace Funion.Tests.Faults;

/// <summary>For compute's own sender, which does not run here.</summary>
sealed class NoGateway : GatewayConnection
{
    public override Task SubmitAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellation) => throw new GatewayUnreachableException("There is none.");

    public override Task<byte[]> PollAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) => throw new GatewayUnreachableException("There is none.");
}
