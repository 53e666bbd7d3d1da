using Funion.Roles;
using Xunit;

namespace Funion.Contracts;

/// <summary>What every <see cref="PacketQueue"/> promises. Nothing here asks for an order.</summary>
public abstract class PacketQueueContract
{
    protected const string Mix = "mix-in";
    protected static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    protected static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Queues without messages.</summary>
    protected abstract PacketQueue Create();

    /// <summary>The time by which the queues go.</summary>
    protected abstract TimeProvider Time { get; }

    /// <summary>Lets a little time pass.</summary>
    protected abstract ValueTask PassAsync();

    [Fact]
    public async Task What_was_enqueued_is_delivered_and_completed()
    {
        PacketQueue queue = Create();
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
        Assert.Equal(0, await queue.CountAsync(Mix, default));
        await queue.EnqueueAsync(Mix, new byte[] { 1, 2, 3 }, TimeSpan.Zero, default);
        Assert.Equal(1, await queue.CountAsync(Mix, default));
        Delivery delivery = await OneAsync(queue, Long);
        Assert.Equal(Mix, delivery.Queue);
        Assert.Equal([1, 2, 3], delivery.Message.ToArray());
        Assert.Equal(1, delivery.Attempt);
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
        await queue.CompleteAsync(delivery, default);
        Assert.Equal(0, await queue.CountAsync(Mix, default));
        await queue.CompleteAsync(delivery, default);
        await queue.AbandonAsync(delivery, default);
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
    }

    [Fact]
    public async Task A_queue_keeps_its_own_copy()
    {
        PacketQueue queue = Create();
        byte[] message = [1, 2, 3];
        await queue.EnqueueAsync(Mix, message, TimeSpan.Zero, default);
        message[0] = 9;
        Assert.Equal([1, 2, 3], (await OneAsync(queue, Long)).Message.ToArray());
    }

    [Fact]
    public async Task Queues_are_apart()
    {
        PacketQueue queue = Create();
        await queue.EnqueueAsync("mix-out", new byte[] { 1 }, TimeSpan.Zero, default);
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
        Assert.Equal(0, await queue.CountAsync(Mix, default));
    }

    [Fact]
    public async Task Equal_bytes_are_two_messages_with_two_ids()
    {
        PacketQueue queue = Create();
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        IReadOnlyList<Delivery> both = await queue.ReceiveAsync(Mix, 32, Long, default);
        Assert.Equal(2, both.Count);
        Assert.NotEqual(both[0].Id, both[1].Id);
    }

    [Fact]
    public async Task At_most_as_many_as_asked_for_are_delivered()
    {
        PacketQueue queue = Create();
        for (byte i = 0; i < 5; i++)
        {
            await queue.EnqueueAsync(Mix, new[] { i }, TimeSpan.Zero, default);
        }
        IReadOnlyList<Delivery> two = await queue.ReceiveAsync(Mix, 2, Long, default);
        IReadOnlyList<Delivery> rest = await queue.ReceiveAsync(Mix, 32, Long, default);
        Assert.Equal(2, two.Count);
        Assert.Equal([0, 1, 2, 3, 4], two.Concat(rest).Select(d => (int)d.Message.Span[0]).Order());
    }

    [Fact]
    public async Task An_abandoned_message_comes_again_under_its_id()
    {
        PacketQueue queue = Create();
        await queue.EnqueueAsync(Mix, new byte[] { 1, 2 }, TimeSpan.Zero, default);
        Delivery first = await OneAsync(queue, Long);
        await queue.AbandonAsync(first, default);
        Delivery second = await OneAsync(queue, Long);
        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(first.Receipt, second.Receipt);
        Assert.Equal(2, second.Attempt);
        Assert.Equal([1, 2], second.Message.ToArray());
    }

    [Fact]
    public async Task A_message_whose_lease_ended_comes_again_and_the_first_receipt_is_void()
    {
        PacketQueue queue = Create();
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Delivery first = await OneAsync(queue, Short);
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
        Delivery second = await OneAsync(queue, Long);
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(2, second.Attempt);
        await queue.CompleteAsync(first, default);
        await queue.AbandonAsync(first, default);
        Assert.Equal(1, await queue.CountAsync(Mix, default));
        Assert.Empty(await queue.ReceiveAsync(Mix, 32, Long, default));
        await queue.CompleteAsync(second, default);
        Assert.Equal(0, await queue.CountAsync(Mix, default));
    }

    [Fact]
    public async Task A_delayed_message_waits_its_time_and_no_more()
    {
        PacketQueue queue = Create();
        DateTimeOffset start = Time.GetUtcNow();
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.FromSeconds(2), default);
        await queue.EnqueueAsync(Mix, new byte[] { 2 }, TimeSpan.FromHours(1), default);
        Assert.Equal(2, await queue.CountAsync(Mix, default));
        Delivery delivery = await OneAsync(queue, Long);
        Assert.Equal([1], delivery.Message.ToArray());
        // Rounding down and the emulator's clock in whole seconds may take most of one.
        Assert.True(Time.GetUtcNow() - start > TimeSpan.FromSeconds(0.9));
        Assert.Equal(1, delivery.Attempt);
    }

    [Fact]
    public async Task A_largest_message_fits_and_a_larger_one_is_refused()
    {
        PacketQueue queue = Create();
        byte[] largest = new byte[PacketQueue.MaxMessageSize];
        new Random(1).NextBytes(largest);
        await queue.EnqueueAsync(Mix, largest, TimeSpan.Zero, default);
        Assert.Equal(largest, (await OneAsync(queue, Long)).Message.ToArray());
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await queue.EnqueueAsync(Mix, new byte[PacketQueue.MaxMessageSize + 1], TimeSpan.Zero, default));
    }

    [Fact]
    public async Task Misuse_is_refused()
    {
        PacketQueue queue = Create();
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.EnqueueAsync("Mix_in", default, TimeSpan.Zero, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.EnqueueAsync(Mix, default, TimeSpan.FromTicks(-1), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.EnqueueAsync(Mix, default, TimeSpan.FromDays(8), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.ReceiveAsync(Mix, 0, Long, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.ReceiveAsync(Mix, 33, Long, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.ReceiveAsync(Mix, 1, TimeSpan.Zero, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await queue.CompleteAsync(null!, default));
    }

    [Fact]
    public async Task Whoever_waits_is_rung()
    {
        PacketQueue queue = Create();
        List<string> rung = [];
        queue.Arrived += rung.Add;
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Assert.Equal([Mix], rung);
        Delivery delivery = await OneAsync(queue, Long);
        await queue.AbandonAsync(delivery, default);
        Assert.Equal([Mix, Mix], rung);
        await queue.CompleteAsync(await OneAsync(queue, Long), default);
        Assert.Equal([Mix, Mix], rung);
    }

    [Fact]
    public async Task Many_takers_at_once_take_each_message_once()
    {
        PacketQueue queue = Create();
        await Task.WhenAll(Enumerable.Range(0, 24)
            .Select(i => Task.Run(() => queue.EnqueueAsync(Mix, new[] { (byte)i }, TimeSpan.Zero, default).AsTask())));
        IReadOnlyList<Delivery>[] taken = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => Task.Run(() => queue.ReceiveAsync(Mix, 4, Long, default).AsTask())));
        Assert.Equal(Enumerable.Range(0, 24), taken.SelectMany(t => t).Select(d => (int)d.Message.Span[0]).Order());
    }

    /// <summary>The one message that becomes visible.</summary>
    protected async Task<Delivery> OneAsync(PacketQueue queue, TimeSpan lease)
    {
        DateTimeOffset end = Time.GetUtcNow() + Deadline;
        while (Time.GetUtcNow() < end)
        {
            IReadOnlyList<Delivery> deliveries = await queue.ReceiveAsync(Mix, 32, lease, default);
            if (deliveries.Count > 0)
            {
                return Assert.Single(deliveries);
            }
            await PassAsync();
        }
        throw new TimeoutException("No message came.");
    }
}
