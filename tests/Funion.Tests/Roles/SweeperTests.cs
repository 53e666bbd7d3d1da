using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tests.Simulation;

namespace Funion.Tests.Roles;

public sealed class SweeperTests
{
    [Fact]
    public async Task Expired_epochs_go_and_the_others_stay()
    {
        using SimulatedNetwork network = new(dummies: false);
        MemoryBoxStore store = new();
        DateTimeOffset now = network.Time.GetUtcNow();
        NetworkDocument document = network.Document;
        (string Shelf, long Current)[] shelves =
        [
            (SphinxHop.TagShelf, document.EpochAt(now)), (GatewayRole.MailboxShelf, document.EpochAt(now)),
            (CourierEnvelopes.Shelf, CourierEnvelopes.WindowAt(now)), (ReplicaRole.Shelf, document.ReplicaEpochAt(now)),
            (ComputeJobs.Accepted, document.EpochAt(now)), (ComputeJobs.Jobs, document.EpochAt(now)),
            (ComputeJobs.Inputs, document.EpochAt(now)), (ComputeJobs.Outputs, document.EpochAt(now)), (JobTokens.Shelf, document.EpochAt(now)), (DummyNotes.Shelf, document.EpochAt(now)),
        ];
        foreach ((string shelf, long current) in shelves)
        {
            for (long epoch = current - 3; epoch <= current; epoch++)
            {
                await store.PutIfAbsentAsync(new StoreKey(shelf, epoch, "aa"), new byte[1], default);
            }
        }
        await new Sweeper(store, document, network.Time).StepAsync(default);
        foreach ((string shelf, long current) in shelves)
        {
            List<long> left = [];
            await foreach (long epoch in store.ListEpochsAsync(shelf, default))
            {
                left.Add(epoch);
            }
            Assert.Equal([current - 1, current], left);
        }
    }
}
