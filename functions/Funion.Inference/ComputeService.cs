using Funion.Hosting;
using Microsoft.Extensions.Hosting;

namespace Funion.Inference.App;

/// <summary>
/// Compute's own client and its jobs, as long as the container runs: a sender whose rate is constant cannot live in functions that come and go. One
/// container is one compute node of the network; more capacity is more nodes, each with a gateway, a rate and keys of its own.
/// </summary>
sealed class ComputeService(NodeHost host) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => host.RunAsync(stoppingToken);
}
