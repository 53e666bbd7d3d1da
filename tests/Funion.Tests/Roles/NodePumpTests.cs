using Funion.Contracts;
using Funion.Mixing;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Roles;

/// <summary>What a pump does with what it took when it ends, and when a message finds a bug.</summary>
public sealed class NodePumpTests
{
    static readonly TimeSpan s_delay = TimeSpan.FromSeconds(3);

    readonly VirtualTime _time = new();
    readonly MemoryPacketQueue _queue;
    readonly HopCounters _counters = new();
    readonly List<byte> _handled = [];

    public NodePumpTests() => _queue = new MemoryPacketQueue(_time);

    [Fact]
    public async Task What_is_held_at_the_end_leaves_the_next_pump_at_its_time()
    {
        DateTimeOffset due = _time.GetUtcNow() + s_delay;
        await _queue.EnqueueAsync("held", new byte[] { 7 }, TimeSpan.Zero, default);
        NodePump first = Pump(Handle, _ => due), next = Pump(Handle, _ => due);
        await first.StepAsync(default);
        await next.StepAsync(default);
        Assert.Empty(_handled);
        await first.HandBackAsync(default);
        Assert.Equal(due, await next.StepAsync(default));
        _time.Advance(s_delay);
        await first.StepAsync(default);
        Assert.Empty(_handled);
        await next.StepAsync(default);
        Assert.Equal([7], _handled);
        Assert.Equal(0, await _queue.CountAsync("held", default));
    }

    [Fact]
    public async Task What_was_cut_off_is_done_by_the_next_pump_at_once()
    {
        using CancellationTokenSource stop = new();
        await _queue.EnqueueAsync("held", new byte[] { 1 }, TimeSpan.Zero, default);
        await _queue.EnqueueAsync("held", new byte[] { 2 }, TimeSpan.Zero, default);
        NodePump first = Pump((_, token) =>
        {
            stop.Cancel();
            token.ThrowIfCancellationRequested();
            return ValueTask.FromResult(Work.None);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first.StepAsync(stop.Token));
        await Pump(Handle).StepAsync(default);
        Assert.Empty(_handled);
        await first.HandBackAsync(default);
        await Pump(Handle).StepAsync(default);
        _handled.Sort();
        Assert.Equal([1, 2], _handled);
    }

    [Fact]
    public async Task A_held_message_that_met_a_port_that_was_away_leaves_within_its_slack()
    {
        DateTimeOffset due = _time.GetUtcNow() + s_delay;
        await _queue.EnqueueAsync("held", new byte[] { 7 }, TimeSpan.Zero, default);
        int away = 3;
        NodePump pump = Pump((delivery, token) => away-- > 0 ? throw new PortUnavailableException("away") : Handle(delivery, token), _ => due);
        await pump.StepAsync(default);
        _time.Advance(s_delay);
        for (int i = 0; i < 3; i++)
        {
            DateTimeOffset next = await pump.StepAsync(default);
            Assert.Empty(_handled);
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(1), next);
            _time.AdvanceTo(next);
        }
        await pump.StepAsync(default);
        Assert.Equal([7], _handled);
        Assert.Equal((0, 0), (_counters.Late, await _queue.CountAsync("held", default)));
    }

    [Fact]
    public async Task A_message_that_finds_a_bug_goes_and_the_others_are_done()
    {
        for (byte i = 0; i < 3; i++)
        {
            await _queue.EnqueueAsync("held", new[] { i }, TimeSpan.Zero, default);
        }
        NodePump pump = Pump((delivery, token) => delivery.Message.Span[0] == 1 ? throw new ArgumentException("a bug") : Handle(delivery, token));
        await pump.StepAsync(default);
        Assert.Equal([0, 2], _handled);
        Assert.Equal((1, 0), (_counters.Poison, await _queue.CountAsync("held", default)));
    }

    [Fact]
    public async Task Memory_that_runs_out_ends_the_pump_and_keeps_the_message()
    {
        await _queue.EnqueueAsync("held", new byte[] { 7 }, TimeSpan.Zero, default);
#pragma warning disable CA2201 // The one exception that stands for a process that cannot go on.
        NodePump pump = Pump((_, _) => throw new OutOfMemoryException());
#pragma warning restore CA2201
        await Assert.ThrowsAsync<OutOfMemoryException>(async () => await pump.StepAsync(default));
        Assert.Equal((0, 1), (_counters.Poison, await _queue.CountAsync("held", default)));
    }

    ValueTask<Work> Handle(Delivery delivery, CancellationToken cancellation)
    {
        _handled.Add(delivery.Message.Span[0]);
        return ValueTask.FromResult(Work.None);
    }

    NodePump Pump(Func<Delivery, CancellationToken, ValueTask<Work>> handle, Func<Delivery, DateTimeOffset>? due = null)
    {
        EffectRunner runner = new(new MemoryBoxStore(), _queue, (_, _, _, _) => ValueTask.CompletedTask);
        return new NodePump(
            _queue, runner, [new QueueHandler("held", handle, due, TimeSpan.FromSeconds(30))], new PumpOptions(), new SeededRandom(1), _time, _counters);
    }
}
