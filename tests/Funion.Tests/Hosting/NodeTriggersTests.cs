using Funion.Contracts;
using Funion.Hosting;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Hosting;

/// <summary>What a host's trigger does with one delivery, with a real mix behind it.</summary>
public sealed class NodeTriggersTests : IDisposable
{
    const string Self = "mix-1-0";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    static readonly NodePace s_pace = LatencyProfile.Responsive.Pace();

    readonly HostStage _stage = new();
    readonly FaultPlan _faults = new();
    readonly MemoryPacketQueue _queue;
    readonly FaultyPacketQueue _faultyQueue;
    readonly NodeParts _parts;
    readonly NodeTriggers _triggers;
    readonly List<byte> _sent = [];
    Func<Exception?> _sending = () => null;

    public NodeTriggersTests()
    {
        _queue = new MemoryPacketQueue(_stage.Time);
        _faultyQueue = new FaultyPacketQueue(_queue, _faults);
        SeededRandom random = new(1);
        NodeContext context = new(_stage.Document, (_, _, message, _) => Send(message), random, _stage.Time, _ => random);
        _parts = NodeParts.Create(context, _stage.Keys(Self), new NodePorts(new FaultyBoxStore(new MemoryBoxStore(), _faults), _faultyQueue), s_pace);
        _triggers = Triggers(seed: 1);
    }

    [Fact]
    public void The_host_listens_on_the_roles_queues_and_on_slots() =>
        Assert.Equal([QueueNames.MixIn, QueueNames.MixOut, QueueNames.Slots], _triggers.Queues.Order());

    [Fact]
    public async Task What_is_handled_is_finished_and_lies_on_the_nodes_own_queue_until_it_is_due()
    {
        Assert.True(await HandleAsync(In(Packet(delay: 3_000))));
        Assert.Equal(1, await _queue.CountAsync(QueueNames.MixOut, default));
        Assert.Equal(_stage.Time.GetUtcNow() + TimeSpan.FromSeconds(3), _queue.NextVisible(QueueNames.MixOut));
        Assert.Equal((0, 0), (_parts.Counters.Refused, _parts.Counters.Poison));
    }

    [Fact]
    public async Task A_port_that_is_away_leaves_it_unfinished_wherever_it_strikes()
    {
        byte[] packet = Packet(delay: 0);
        foreach (Fault fault in (Fault[])[Fault.UnavailableBefore, Fault.UnavailableAfter])
        {
            // The gate, then the queue.
            for (int operation = 1; operation <= 2; operation++)
            {
                byte[] fresh = Packet(delay: 0);
                _faults.Strike(operation, fault);
                string id = $"{fault}{operation}";
                Assert.False(await HandleAsync(In(fresh, id)), id);
                Assert.True(await HandleAsync(In(fresh, id, attempt: 2)), id);
            }
        }
        _faults.Outage = true;
        Assert.False(await HandleAsync(In(packet)));
        _faults.Outage = false;
        Assert.True(await HandleAsync(In(packet)));
        Assert.Equal((0, 0), (_parts.Counters.Replayed, _parts.Counters.Poison));
    }

    [Fact]
    public async Task A_peer_that_is_away_leaves_it_unfinished()
    {
        _sending = () => new PortUnavailableException("away");
        Assert.False(await HandleAsync(Held(1, _stage.Time.GetUtcNow())));
        _sending = () => null;
        Assert.True(await HandleAsync(Held(1, _stage.Time.GetUtcNow())));
        Assert.Equal([1], _sent);
    }

    [Fact]
    public async Task After_eight_attempts_it_is_deleted_and_counted()
    {
        _sending = () => new PortUnavailableException("away");
        for (int attempt = 1; attempt <= NodeTriggers.Attempts; attempt++)
        {
            Assert.False(await HandleAsync(Held(1, _stage.Time.GetUtcNow(), attempt)));
        }
        Assert.Equal(0, _parts.Counters.Poison);
        Assert.True(await HandleAsync(Held(1, _stage.Time.GetUtcNow(), NodeTriggers.Attempts + 1)));
        Assert.Equal(1, _parts.Counters.Poison);
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task A_bug_in_a_role_is_counted_and_does_not_come_again()
    {
        _sending = () => new InvalidOperationException("a bug");
        Assert.True(await HandleAsync(Held(1, _stage.Time.GetUtcNow())));
        Assert.Equal(1, _parts.Counters.Poison);
        // What is no bug of ours ends the invocation, and the host delivers it again.
        _sending = () => new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => HandleAsync(Held(1, _stage.Time.GetUtcNow())));
        Assert.Equal(1, _parts.Counters.Poison);
    }

    [Fact]
    public async Task Rubbish_is_finished()
    {
        foreach (string queue in _triggers.Queues)
        {
            foreach (byte[] message in (byte[][])[[], [1], new byte[100], new byte[40_000]])
            {
                Task<bool> handled = HandleAsync(new Delivery(queue, "1", "r", message, 1));
                _stage.Time.Advance(TimeSpan.FromSeconds(1));
                Assert.True(await handled);
            }
        }
        Assert.Equal((4, 0), (_parts.Counters.Refused, _parts.Counters.Poison));
        await Assert.ThrowsAsync<ArgumentException>(() => HandleAsync(new Delivery(QueueNames.CourierIn, "1", "r", new byte[1], 1)));
    }

    [Fact]
    public async Task A_packet_that_lay_too_long_is_finished_unopened_and_counted()
    {
        DateTimeOffset oldest = _stage.Time.GetUtcNow() - (_stage.Document.Slack / 2);
        Assert.True(await HandleAsync(new Delivery(QueueNames.MixIn, "1", "r", new byte[100], 1) { Since = oldest }));
        Assert.Equal((0, 1), (_parts.Counters.Late, _parts.Counters.Refused));
        Assert.True(await HandleAsync(new Delivery(QueueNames.MixIn, "2", "r", new byte[100], 1) { Since = oldest - TimeSpan.FromMilliseconds(1) }));
        Assert.Equal((1, 1), (_parts.Counters.Late, _parts.Counters.Refused));
    }

    [Fact]
    public async Task Early_by_little_it_waits_until_it_is_due_and_not_a_moment_less()
    {
        DateTimeOffset due = _stage.Time.GetUtcNow() + s_pace.Lead + TimeSpan.FromSeconds(2);
        Task<bool> handled = HandleAsync(Held(1, due));
        _stage.Time.AdvanceTo(due - TimeSpan.FromMilliseconds(1));
        Assert.False(handled.IsCompleted);
        Assert.Equal(1, _stage.Time.Timers);
        Assert.Empty(_sent);
        _stage.Time.AdvanceTo(due);
        Assert.True(await handled.WaitAsync(s_patience));
        Assert.Equal([1], _sent);
        Assert.Equal(0, await _queue.CountAsync(QueueNames.MixOut, default));
    }

    [Fact]
    public async Task Early_by_much_it_goes_back_on_its_queue_and_is_finished()
    {
        DateTimeOffset due = _stage.Time.GetUtcNow() + s_pace.Lead + TimeSpan.FromSeconds(3);
        Assert.True(await HandleAsync(Held(1, due)));
        Assert.Empty(_sent);
        // It appears as early as a poll may need to find it.
        Assert.Equal(due - s_pace.Lead, _queue.NextVisible(QueueNames.MixOut));
        _stage.Time.AdvanceTo(due - s_pace.Lead);
        Delivery again = Assert.Single(await _queue.ReceiveAsync(QueueNames.MixOut, 32, TimeSpan.FromMinutes(1), default));
        Task<bool> handled = HandleAsync(again);
        _stage.Time.AdvanceTo(due);
        Assert.True(await handled.WaitAsync(s_patience));
        Assert.Equal([1], _sent);
    }

    [Fact]
    public async Task When_it_cannot_go_back_on_its_queue_it_is_unfinished()
    {
        _faults.Outage = true;
        Assert.False(await HandleAsync(Held(1, _stage.Time.GetUtcNow() + TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public async Task Overdue_past_the_slack_it_is_dropped_and_counted()
    {
        DateTimeOffset due = _stage.Time.GetUtcNow();
        _stage.Time.Advance(_stage.Document.Slack - TimeSpan.FromSeconds(1));
        Task<bool> handled = HandleAsync(Held(1, due));
        _stage.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await handled.WaitAsync(s_patience));
        Assert.Equal([1], _sent);
        Assert.Equal(0, _parts.Counters.Late);
        _stage.Time.Advance(TimeSpan.FromTicks(1));
        handled = HandleAsync(Held(2, due));
        _stage.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await handled.WaitAsync(s_patience));
        Assert.Equal([1], _sent);
        Assert.Equal(1, _parts.Counters.Late);
    }

    [Fact]
    public async Task A_slot_that_is_late_is_left_out_and_is_no_loss()
    {
        byte[] token = new SlotToken(_stage.Time.GetUtcNow(), SlotKind.Loop, default).ToBytes();
        _stage.Time.Advance(s_pace.SlotSlack + TimeSpan.FromTicks(1));
        Task<bool> handled = HandleAsync(new Delivery(QueueNames.Slots, "1", "r", token, 1));
        _stage.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await handled.WaitAsync(s_patience));
        Assert.Equal((0, 0), (_parts.LoopCounters.Sent, _parts.Counters.Late));
        token = new SlotToken(_stage.Time.GetUtcNow(), SlotKind.Loop, default).ToBytes();
        Assert.True(await HandleAsync(new Delivery(QueueNames.Slots, "2", "r", token, 1)));
        Assert.Equal(1, _parts.LoopCounters.Sent);
    }

    [Fact]
    public void What_is_overdue_together_leaves_in_an_order_of_the_draws()
    {
        HashSet<string> orders = [];
        for (ulong seed = 1; seed <= 5; seed++)
        {
            string order = OrderOf(seed);
            Assert.Equal(order, OrderOf(seed));
            Assert.NotEqual("0 1 2 3 4 5 6 7 8 9 10 11", order);
            orders.Add(order);
        }
        Assert.Equal(5, orders.Count);
    }

    [Fact]
    public async Task A_redelivery_finishes_the_work_and_another_id_is_a_replay()
    {
        byte[] packet = Packet(delay: 1_000);
        Assert.True(await HandleAsync(In(packet, "a")));
        Assert.True(await HandleAsync(In(packet, "a", attempt: 2)));
        Assert.Equal(0, _parts.Counters.Replayed);
        Assert.Equal(2, await _queue.CountAsync(QueueNames.MixOut, default));
        Assert.True(await HandleAsync(In(packet, "b")));
        Assert.Equal(1, _parts.Counters.Replayed);
        Assert.Equal(2, await _queue.CountAsync(QueueNames.MixOut, default));
    }

    [Fact]
    public async Task A_function_that_is_stopped_while_it_waits_sends_nothing()
    {
        using CancellationTokenSource stop = new();
        Task<bool> handled = _triggers.HandleAsync(Held(1, _stage.Time.GetUtcNow() + TimeSpan.FromSeconds(1)), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handled.WaitAsync(s_patience));
        _stage.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_sent);
    }

    public void Dispose()
    {
        _parts.Dispose();
        _stage.Dispose();
    }

    /// <summary>Twelve that are overdue, taken together; the clock moves on one thread, so that the order is that of the draws alone.</summary>
    string OrderOf(ulong seed)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _sent.Clear();
            NodeTriggers triggers = Triggers(seed);
            DateTimeOffset due = _stage.Time.GetUtcNow() - TimeSpan.FromSeconds(5);
            Task<bool>[] all = [.. Enumerable.Range(0, 12).Select(i => triggers.HandleAsync(Held((byte)i, due), default).AsTask())];
            Assert.Empty(_sent);
            _stage.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.All(all, handled => Assert.True(handled.IsCompletedSuccessfully && handled.Result));
            Assert.Equal(12, _sent.Distinct().Count());
            return string.Join(' ', _sent);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    NodeTriggers Triggers(ulong seed) => new(_parts, _faultyQueue, s_pace, new SeededRandom(seed), _stage.Time);

    Task<bool> HandleAsync(Delivery delivery) => _triggers.HandleAsync(delivery, default).AsTask();

    ValueTask Send(ReadOnlyMemory<byte> message)
    {
        if (_sending() is { } error)
        {
            throw error;
        }
        _sent.Add(message.Span[0]);
        return ValueTask.CompletedTask;
    }

    static Delivery In(byte[] packet, string id = "1", int attempt = 1) => new(QueueNames.MixIn, id, "r", packet, attempt);

    Delivery Held(byte mark, DateTimeOffset due, int attempt = 1) => _stage.Held(due, mark, attempt);

    byte[] Packet(uint delay) => _stage.Packet(delay);
}
