using Funion.Hosting;
using Funion.Inference;
using Funion.Roles;
using Microsoft.Azure.Functions.Worker;

namespace Funion.Inference.App;

/// <summary>What an orchestration has done by the compute node. Each may be called again: what is done already is left as it is.</summary>
public sealed class BucketActivities(NodeHost host)
{
    /// <summary>Name of the activity that decides a boundary.</summary>
    public const string Admit = "AdmitJobs";

    /// <summary>Name of the activity that releases what was sealed.</summary>
    public const string Release = "ReleaseBoxes";

    /// <summary>Name of the activity that runs a batch.</summary>
    public const string Run = "RunBatch";

    /// <summary>Decides a boundary; null: this model or bucket is not offered any more.</summary>
    [Function(Admit)]
    public async Task<BucketTurn?> AdmitAsync([ActivityTrigger] BucketCall call)
    {
        (ComputeEngine engine, ComputeOffering? offering) = await FindAsync(call);
        return offering is null ? null : await engine.AdmitAsync(offering, call.Turn.Boundary);
    }

    /// <summary>Hands sealed boxes to compute's slots, not before the boundary.</summary>
    [Function(Release)]
    public async Task ReleaseAsync([ActivityTrigger] BucketCall call)
    {
        (ComputeEngine engine, ComputeOffering? offering) = await FindAsync(call);
        await (offering is null ? Task.CompletedTask : engine.ReleaseAsync(offering, call.Turn));
    }

    /// <summary>Runs a batch, from the boundary on, and keeps its sealed outputs.</summary>
    [Function(Run)]
    public async Task RunAsync([ActivityTrigger] BucketCall call)
    {
        (ComputeEngine engine, ComputeOffering? offering) = await FindAsync(call);
        await (offering is null ? Task.CompletedTask : engine.RunAsync(offering, call.Turn));
    }

    async ValueTask<(ComputeEngine Engine, ComputeOffering? Offering)> FindAsync(BucketCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        ComputeEngine engine = (await host.CurrentAsync(CancellationToken.None)).Compute!.Engine;
        ComputeOffering? offering = engine.Offerings.FirstOrDefault(offering =>
            offering.Model == call.Model && (long)offering.Grid.Bucket.TotalMilliseconds == call.BucketMilliseconds);
        return (engine, offering);
    }
}
