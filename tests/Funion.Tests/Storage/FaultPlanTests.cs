using Funion.Contracts;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Storage;

/// <summary>The decorators, and with them the promise that work done by <see cref="EffectRunner"/> is finished after any one fault.</summary>
public sealed class FaultPlanTests
{
    static readonly StoreKey Claim = new("tags", 1, "aa");

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public async Task Work_is_finished_whatever_operation_fails(Fault fault)
    {
        FaultPlan counting = new();
        await HandleAsync(await World.CreateAsync(counting), default);
        Assert.True(counting.Operations > 4);
        for (long k = 1; k <= counting.Operations; k++)
        {
            FaultPlan plan = new();
            World world = await World.CreateAsync(plan);
            plan.Strike(k, fault);
            for (int attempt = 0; attempt < 3 && world.Inner.NextVisible("in") != DateTimeOffset.MaxValue; attempt++)
            {
                try
                {
                    await HandleAsync(world, default);
                }
                catch (Exception e) when (e is CrashException or PortUnavailableException)
                {
                    plan.Restart();
                }
                world.Time.Advance(TimeSpan.FromMinutes(2));
            }
            Assert.Equal(0, await world.Inner.CountAsync("in", default));
            Assert.InRange(await world.Inner.CountAsync("out", default), 1, 2);
            Assert.NotNull(await world.Store.GetAsync(Claim, default));
        }
    }

    [Fact]
    public async Task A_dead_process_does_nothing_until_it_is_restarted()
    {
        FaultPlan plan = new();
        FaultyBoxStore store = new(new MemoryBoxStore(), plan);
        plan.Strike(1, Fault.CrashAfter);
        await Assert.ThrowsAsync<CrashException>(async () => await store.PutIfAbsentAsync(Claim, new byte[] { 1 }, default));
        await Assert.ThrowsAsync<CrashException>(async () => await store.DeleteAsync(Claim, default));
        plan.Restart();
        Assert.NotNull(await store.GetAsync(Claim, default));
    }

    static async Task HandleAsync(World world, CancellationToken cancellation)
    {
        foreach (Delivery delivery in await world.Queue.ReceiveAsync("in", 1, TimeSpan.FromMinutes(1), cancellation))
        {
            Work work = Work.Once(
                new Gate(Claim, new byte[] { 1 }),
                new Effect.Enqueue("out", delivery.Message, TimeSpan.Zero),
                new Effect.Put(new StoreKey("boxes", 1, "bb"), delivery.Message));
            await world.Runner.RunAsync(work, cancellation);
            await world.Queue.CompleteAsync(delivery, cancellation);
        }
    }

    sealed class World
    {
        World(FaultPlan plan)
        {
            Inner = new MemoryPacketQueue(Time);
            Queue = new FaultyPacketQueue(Inner, plan);
            Store = new MemoryBoxStore();
            Runner = new EffectRunner(new FaultyBoxStore(Store, plan), Queue, NoSend);
        }

        public static async Task<World> CreateAsync(FaultPlan plan)
        {
            World world = new(plan);
            await world.Inner.EnqueueAsync("in", new byte[] { 7 }, TimeSpan.Zero, default);
            return world;
        }

        public VirtualTime Time { get; } = new();

        public MemoryPacketQueue Inner { get; }

        public FaultyPacketQueue Queue { get; }

        public MemoryBoxStore Store { get; }

        public EffectRunner Runner { get; }

        static ValueTask NoSend(NodeId to, string queue, ReadOnlyMemory<byte> message, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
