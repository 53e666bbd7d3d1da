using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Cli;
using Funion.Cli.LocalNetwork;
using Funion.Network;
using Funion.Roles;

namespace Funion.IntegrationTests;

/// <summary>Storage that rots: one replica's boxes are all damaged, and what was stored is read from the others.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class FlippedByteTests(MemoryNetworkFixture network)
{
    [Fact]
    public async Task One_damaged_replica_does_not_matter()
    {
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(2));
        await using ClientSession session = new(network.Host.Signed.Document);
        WriteCapability capability = await session.Client.PutAsync(content, null, deadline.Token);
        int flipped = 0;
        foreach (NodeDescriptor replica in network.Host.Signed.Document.Replicas)
        {
            flipped = await FlipAsync(network.Host.Network[replica.Id].Ports.Store, deadline.Token);
            if (flipped > 0)
            {
                break;
            }
        }
        Assert.True(flipped > 0, "No replica held a box.");
        Assert.Equal(content, await session.Client.GetAsync(capability.ToReadCapability(), 1 << 20, null, deadline.Token));
    }

    static async Task<int> FlipAsync(BoxStore store, CancellationToken cancellation)
    {
        int flipped = 0;
        List<StoreKey> keys = [];
        await foreach (long epoch in store.ListEpochsAsync(ReplicaRole.Shelf, cancellation))
        {
            await foreach (string name in store.ListAsync(ReplicaRole.Shelf, epoch, "", cancellation))
            {
                keys.Add(new StoreKey(ReplicaRole.Shelf, epoch, name));
            }
        }
        foreach (StoreKey key in keys)
        {
            if (await store.GetAsync(key, cancellation) is not { } stored)
            {
                continue;
            }
            byte[] damaged = stored.Value.ToArray();
            damaged[damaged.Length / 2] ^= 1;
            // A box that somebody replaced meanwhile is left alone.
            flipped += await store.ReplaceIfUnchangedAsync(key, damaged, stored.Version, cancellation) == PutOutcome.Created ? 1 : 0;
        }
        return flipped;
    }
}
