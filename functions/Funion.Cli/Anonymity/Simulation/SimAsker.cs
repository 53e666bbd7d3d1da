using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>Asks as <see cref="FunionClient.InferAsync"/> does: uploads, dispatches, waits for the release, reads, and deletes both streams behind itself.</summary>
sealed class SimAsker(World world, SimClient client)
{
    const int Patience = 32;

    readonly SimBoxes _boxes = new(world, client);

    /// <summary>Who asks.</summary>
    public SimClient Client => client;

    /// <summary>Completes when the answer is there or given up; the tombstones go out after that.</summary>
    public async Task<bool> AskAsync(SimJob job, Action? dispatching = null)
    {
        await BoxWindow.RunAsync(job.Inputs.Length, (i, _) => _boxes.WriteAsync(job.Inputs[i]), CancellationToken.None);
        dispatching?.Invoke();
        NodeDescriptor node = world.Document.Node(world.Document.Model(job.Offering.Model)!.Compute)!;
        await client.RequestAsync(new ServiceAddress(node, ServiceNames.Compute), job);
        bool read = await CollectAsync(job);
        SimBox[] all = [.. job.Inputs, .. job.Outputs];
        TimeSpan within = world.Protections.LoneTombstones ? FunionClient.ForgottenWithin(world.Document) : TimeSpan.Zero;
        job.Forgotten = Task.WhenAll(all.Select(async box =>
        {
            await world.Events.DelayAsync(within * world.Random.NextDouble());
            await _boxes.WriteAsync(box, tombstone: true);
        }));
        return read;
    }

    async Task<bool> CollectAsync(SimJob job)
    {
        TimeSpan bucket = job.Offering.Grid.Bucket;
        DateTimeOffset release = new BucketGrid(bucket).NextBoundary(world.Events.Now) + bucket;
        await world.Events.DelayUntilAsync(release + world.Random.Exponential(bucket * 0.25));
        TimeSpan pause = TimeSpan.FromSeconds(Math.Clamp(bucket.TotalSeconds / 4, 1, 15));
        DateTimeOffset giveUp = release + (bucket * (job.Offering.Overruns + Patience)) + TimeSpan.FromMinutes(2);
        int read = 0;
        await BoxWindow.RunAsync(job.Outputs.Length, async (i, _) =>
        {
            ReplicaError answer = await _boxes.AwaitAsync(job.Outputs[i], pause, giveUp);
            read += answer == ReplicaError.None ? 1 : 0;
        }, CancellationToken.None);
        return read == job.Outputs.Length;
    }
}
