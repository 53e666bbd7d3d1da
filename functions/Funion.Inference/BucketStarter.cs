using Funion.Cryptography;
using Funion.Hosting;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Funion.Inference.App;

/// <summary>
/// Sees to it that every (model, bucket) of the document has its orchestration, and that none is left of those that went: every minute, so that one that
/// has failed costs a few boundaries and no more.
/// </summary>
public sealed class BucketStarter(NodeHost host)
{
    static readonly TimeSpan s_lead = TimeSpan.FromSeconds(20);

    /// <summary>Starts what is missing.</summary>
    [Function("Buckets")]
    public async Task StartAsync(
        [TimerTrigger("15 * * * * *", RunOnStartup = true)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        try
        {
            NodeGeneration generation = await host.CurrentAsync(cancellation);
            foreach (ComputeOffering offering in generation.Compute!.Engine.Offerings)
            {
                await StartAsync(generation.Parts.Descriptor.Id, offering, client, cancellation);
            }
        }
        catch (PortUnavailableException)
        {
            // No document yet.
        }
    }

    static async Task StartAsync(NodeId node, ComputeOffering offering, DurableTaskClient client, CancellationToken cancellation)
    {
        string id = IdOf(node, offering);
        OrchestrationMetadata? there = await client.GetInstanceAsync(id, cancellation);
        if (there is { IsCompleted: false })
        {
            return;
        }
        if (there is not null)
        {
            // Failed or ended: its history goes before the next begins.
            await client.PurgeInstanceAsync(id, cancellation: cancellation);
        }
        TimeSpan lead = offering.Grid.Bucket / 2 < s_lead ? offering.Grid.Bucket / 2 : s_lead;
        BucketInput input = new(
            offering.Model, (long)offering.Grid.Bucket.TotalMilliseconds, (long)lead.TotalMilliseconds,
            new BucketLoopState(offering.Grid.BoundaryAt(DateTimeOffset.UtcNow), 0));
        await client.ScheduleNewOrchestrationInstanceAsync(BucketOrchestration.Name, input, new Microsoft.DurableTask.StartOrchestrationOptions(id), cancellation);
    }

    /// <summary>One instance for each bucket, found again without being written down, and named by nothing that anybody knows a bucket by.</summary>
    static string IdOf(NodeId node, ComputeOffering offering)
    {
        byte[] hash = new byte[32];
        Blake2b.Hash256(System.Text.Encoding.UTF8.GetBytes($"funion-bucket-v1\n{node}\n{offering.Model}\n{offering.Grid.Bucket.TotalMilliseconds}"), hash);
        return Convert.ToHexStringLower(hash.AsSpan(..16));
    }
}
