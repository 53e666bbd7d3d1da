using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Storage;

/// <summary>Both kinds of queue keep the contract; what only this process fills is not asked for in vain.</summary>
public sealed class OneProcessQueueTests : PacketQueueContract
{
    const string Own = "link-0", Tokens = "slots";

    readonly VirtualTime _time = new();

    protected override TimeProvider Time => _time;

    protected override PacketQueue Create() => new OneProcessQueue(new MemoryPacketQueue(_time), queue => queue == Tokens, _ => true, _time);

    protected override ValueTask PassAsync()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_empty_queue_of_ones_own_is_asked_once_until_something_is_put_there()
    {
        FaultPlan plan = new();
        OneProcessQueue queue = Over(plan);
        for (int i = 0; i < 100; i++)
        {
            Assert.Empty(await queue.ReceiveAsync(Own, 1, Long, default));
        }
        Assert.Equal(1, plan.Operations);
        await queue.EnqueueAsync(Own, new byte[] { 7 }, TimeSpan.Zero, default);
        Delivery taken = Assert.Single(await queue.ReceiveAsync(Own, 1, Short, default));
        Assert.Empty(await queue.ReceiveAsync(Own, 1, Short, default));
        _time.Advance(Short);
        // The lease is over.
        Assert.Equal(taken.Id, Assert.Single(await queue.ReceiveAsync(Own, 1, Short, default)).Id);
    }

    [Fact]
    public async Task What_a_process_before_left_is_found()
    {
        MemoryPacketQueue broker = new(_time);
        await broker.EnqueueAsync(Own, new byte[] { 7 }, TimeSpan.Zero, default);
        Assert.Single(await broker.ReceiveAsync(Own, 1, TimeSpan.FromSeconds(60), default));
        OneProcessQueue queue = new(broker, _ => false, _ => true, _time);
        Assert.Empty(await queue.ReceiveAsync(Own, 1, Short, default));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Single(await queue.ReceiveAsync(Own, 1, Short, default));
    }

    [Fact]
    public async Task What_waits_is_counted_along_and_the_broker_asked_once_a_minute()
    {
        FaultPlan plan = new();
        OneProcessQueue queue = Over(plan);
        Assert.Equal(0, await queue.CountAsync(Own, default));
        await queue.EnqueueAsync(Own, new byte[] { 1 }, TimeSpan.Zero, default);
        await queue.EnqueueAsync(Own, new byte[] { 2 }, TimeSpan.FromMinutes(5), default);
        long before = plan.Operations;
        Assert.Equal(2, await queue.CountAsync(Own, default));
        Assert.Equal(before, plan.Operations);
        await queue.CompleteAsync(Assert.Single(await queue.ReceiveAsync(Own, 2, Long, default)), default);
        Assert.Equal(1, await queue.CountAsync(Own, default));
        before = plan.Operations;
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await queue.CountAsync(Own, default));
        Assert.Equal(before + 1, plan.Operations);
    }

    [Fact]
    public async Task A_broker_that_was_away_is_asked_again()
    {
        FaultPlan plan = new() { Outage = true };
        OneProcessQueue queue = Over(plan);
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await queue.ReceiveAsync(Own, 1, Short, default));
        plan.Outage = false;
        await queue.ReceiveAsync(Own, 1, Short, default);
        Assert.Equal(1, plan.Operations);
    }

    [Fact]
    public async Task Tokens_never_reach_the_broker()
    {
        FaultPlan plan = new();
        OneProcessQueue queue = Over(plan);
        await queue.EnqueueAsync(Tokens, new byte[] { 7 }, Short, default);
        Assert.Equal(_time.GetUtcNow() + Short, queue.NextVisible(Tokens));
        _time.Advance(Short);
        Delivery taken = Assert.Single(await queue.ReceiveAsync(Tokens, 1, Short, default));
        await queue.CompleteAsync(taken, default);
        Assert.Equal(0, await queue.CountAsync(Tokens, default));
        Assert.Equal(0, plan.Operations);
    }

    OneProcessQueue Over(FaultPlan plan) =>
        new(new FaultyPacketQueue(new MemoryPacketQueue(_time), plan), queue => queue == Tokens, queue => queue == Own, _time);
}
