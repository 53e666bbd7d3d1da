using Funion.Inference;
using Funion.Mixing;

namespace Funion.Tests.Hosting;

/// <summary>A bucket clock that does what it is told at once, in virtual time; its timers are late as a test says.</summary>
sealed class PlainClock(BucketWorld world, TimeSpan lead, Func<TimeSpan> late) : BucketClock
{
    public override BucketGrid Grid => world.Grid;

    public override TimeSpan Lead => lead;

    public override DateTimeOffset Now => world.Now;

    public override Task WaitUntilAsync(DateTimeOffset time)
    {
        if (time > Now)
        {
            world.AdvanceTo(time + late());
        }
        return Task.CompletedTask;
    }

    public override Task<BucketTurn> AdmitAsync(DateTimeOffset boundary) => Task.FromResult(world.Admit(boundary));

    public override Task ReleaseAsync(BucketTurn turn)
    {
        world.Release(turn);
        return Task.CompletedTask;
    }

    public override void Start(BucketTurn turn) => world.Run(turn);
}
