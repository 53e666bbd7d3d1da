using System.Diagnostics;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

public sealed class AzuriteTests
{
    [Fact]
    public async Task Its_state_survives_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("funion-azurite-").FullName;
        try
        {
            StoreKey key = new("boxes", 3, "00ff");
            await using (Azurite first = await Azurite.StartAsync(folder))
            {
                await new BlobBoxStore(StorageClients.Blobs(first.ConnectionString), "node").PutIfAbsentAsync(key, new byte[] { 1, 2 }, default);
                await new StorageQueuePacketQueue(StorageClients.Queues(first.ConnectionString), "node")
                    .EnqueueAsync("mix-in", new byte[] { 3 }, TimeSpan.Zero, default);
            }
            await using Azurite second = await Azurite.StartAsync(folder);
            StoredValue? there = await new BlobBoxStore(StorageClients.Blobs(second.ConnectionString), "node").GetAsync(key, default);
            Assert.Equal([1, 2], there!.Value.ToArray());
            Delivery delivery = Assert.Single(await new StorageQueuePacketQueue(StorageClients.Queues(second.ConnectionString), "node")
                .ReceiveAsync("mix-in", 32, TimeSpan.FromMinutes(1), default));
            Assert.Equal([3], delivery.Message.ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Two_run_side_by_side_and_leave_nothing_behind()
    {
        string one;
        await using (Azurite first = await Azurite.StartAsync())
        {
            await using Azurite second = await Azurite.StartAsync();
            Assert.NotEqual(first.ConnectionString, second.ConnectionString);
            one = first.ConnectionString;
        }
        BlobBoxStore store = new(StorageClients.Blobs(one), "node");
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await store.GetAsync(new("boxes", 1, "00"), default));
    }

    [Fact]
    public async Task A_cancelled_start_ends_the_emulator()
    {
        Stopwatch watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Azurite.StartAsync(cancellation: new(canceled: true)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(50));
    }
}
