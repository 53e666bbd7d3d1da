using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Storage;

public sealed class MemoryPacketQueueTests : PacketQueueContract
{
    readonly VirtualTime _time = new();

    protected override TimeProvider Time => _time;

    protected override PacketQueue Create() => new MemoryPacketQueue(_time);

    protected override ValueTask PassAsync()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_delay_is_kept_to_the_tick_and_announced()
    {
        PacketQueue queue = Create();
        Assert.Equal(DateTimeOffset.MaxValue, queue.NextVisible(Mix));
        TimeSpan delay = TimeSpan.FromTicks(1234567);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, delay, default);
        Assert.Equal(_time.GetUtcNow() + delay, queue.NextVisible(Mix));
        _time.Advance(delay - TimeSpan.FromTicks(1));
        Assert.Empty(await queue.ReceiveAsync(Mix, 1, Short, default));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Single(await queue.ReceiveAsync(Mix, 1, Short, default));
        Assert.Equal(_time.GetUtcNow() + Short, queue.NextVisible(Mix));
    }

    [Fact]
    public void Another_broker_gives_other_ids()
    {
        string[] ids = [.. Enumerable.Range(0, 4).Select(_ => FirstId(Create()))];
        Assert.Equal(ids.Length, ids.Distinct().Count());

        static string FirstId(PacketQueue queue)
        {
            // Synchronous by contract: actors in virtual time rely on it.
            ValueTask put = queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
            Assert.True(put.IsCompletedSuccessfully);
            ValueTask<IReadOnlyList<Delivery>> got = queue.ReceiveAsync(Mix, 1, Short, default);
            Assert.True(got.IsCompletedSuccessfully);
            return Assert.Single(got.GetAwaiter().GetResult()).Id;
        }
    }

    [Fact]
    public async Task Against_a_plain_list_nothing_is_lost_or_doubled()
    {
        Random random = new(5);
        PacketQueue queue = Create();
        Dictionary<byte, DateTimeOffset> visible = [];
        Dictionary<byte, Delivery> held = [];
        for (int step = 0; step < 4000; step++)
        {
            byte name = (byte)random.Next(200);
            switch (random.Next(5))
            {
                case 0 when !visible.ContainsKey(name):
                    TimeSpan delay = TimeSpan.FromMilliseconds(random.Next(1000));
                    await queue.EnqueueAsync(Mix, new[] { name }, delay, default);
                    visible.Add(name, _time.GetUtcNow() + delay);
                    break;
                case 1:
                    DateTimeOffset now = _time.GetUtcNow();
                    int due = visible.Count(v => v.Value <= now);
                    IReadOnlyList<Delivery> taken = await queue.ReceiveAsync(Mix, 4, Short, default);
                    Assert.Equal(Math.Min(4, due), taken.Count);
                    foreach (Delivery delivery in taken)
                    {
                        Assert.True(visible[delivery.Message.Span[0]] <= now);
                        visible[delivery.Message.Span[0]] = now + Short;
                        held[delivery.Message.Span[0]] = delivery;
                    }
                    break;
                case 2 when held.Remove(name, out Delivery? done):
                    await queue.CompleteAsync(done, default);
                    visible.Remove(name);
                    break;
                case 3 when held.Remove(name, out Delivery? back):
                    await queue.AbandonAsync(back, default);
                    visible[name] = _time.GetUtcNow();
                    break;
                default:
                    _time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
                    break;
            }
            Assert.Equal(visible.Count, await queue.CountAsync(Mix, default));
            Assert.Equal(visible.Count == 0 ? DateTimeOffset.MaxValue : visible.Values.Min(), queue.NextVisible(Mix));
        }
        Assert.NotEmpty(visible);
    }
}
