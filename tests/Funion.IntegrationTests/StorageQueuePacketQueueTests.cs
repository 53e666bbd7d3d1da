using Azure.Storage.Queues;
using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

[Collection(AzuriteCollection.Name)]
public sealed class StorageQueuePacketQueueTests(AzuriteFixture azurite) : PacketQueueContract
{
    protected override TimeProvider Time => TimeProvider.System;

    protected override PacketQueue Create() => Create(AzuriteFixture.NewPrefix());

    StorageQueuePacketQueue Create(string prefix, TimeSpan? timeToLive = null) =>
        new(StorageClients.Queues(azurite.ConnectionString), prefix, timeToLive);

    // A poll's pause: what is awaited is a condition with a deadline.
    protected override async ValueTask PassAsync() => await Task.Delay(50);

    [Fact]
    public async Task What_a_stranger_spoiled_is_removed_and_the_rest_delivered()
    {
        string prefix = AzuriteFixture.NewPrefix();
        StorageQueuePacketQueue queue = Create(prefix);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        QueueClient stranger = StorageClients.Queues(azurite.ConnectionString).GetQueueClient($"{prefix}-{Mix}");
        await stranger.SendMessageAsync("no base64!");
        await stranger.SendMessageAsync("QQ");
        await queue.EnqueueAsync(Mix, new byte[] { 2 }, TimeSpan.Zero, default);
        IReadOnlyList<Delivery> taken = await queue.ReceiveAsync(Mix, 32, Long, default);
        Assert.Equal([1, 2], taken.Select(d => (int)d.Message.Span[0]).Order());
        Assert.Equal(2, await queue.CountAsync(Mix, default));
    }

    [Fact]
    public async Task An_expired_message_is_nowhere()
    {
        StorageQueuePacketQueue queue = Create(AzuriteFixture.NewPrefix(), timeToLive: TimeSpan.FromSeconds(2));
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.FromSeconds(2), default));
        Delivery delivery = await OneAsync(queue, Short);
        await queue.AbandonAsync(delivery, default);
        DateTimeOffset end = Time.GetUtcNow() + TimeSpan.FromSeconds(30);
        while ((await queue.ReceiveAsync(Mix, 32, Short, default)).Count > 0)
        {
            Assert.True(Time.GetUtcNow() < end);
            await PassAsync();
        }
    }
}
