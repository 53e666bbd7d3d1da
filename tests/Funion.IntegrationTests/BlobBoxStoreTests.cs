using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

[Collection(AzuriteCollection.Name)]
public sealed class BlobBoxStoreTests(AzuriteFixture azurite) : BoxStoreContract
{
    protected override BoxStore Create() => new BlobBoxStore(StorageClients.Blobs(azurite.ConnectionString), AzuriteFixture.NewPrefix());

    [Fact]
    public async Task A_second_store_over_the_same_account_sees_the_same_values()
    {
        string prefix = AzuriteFixture.NewPrefix();
        BlobBoxStore one = new(StorageClients.Blobs(azurite.ConnectionString), prefix);
        BlobBoxStore two = new(StorageClients.Blobs(azurite.ConnectionString), prefix);
        await one.PutIfAbsentAsync(Key, new byte[] { 1 }, default);
        Assert.Equal(PutOutcome.Exists, await two.PutIfAbsentAsync(Key, new byte[] { 2 }, default));

        // The other deletes the container under this one's feet.
        await two.DeleteEpochAsync(Key.Shelf, Key.Epoch, default);
        Assert.Equal(PutOutcome.Created, await one.PutIfAbsentAsync(Key, new byte[] { 3 }, default));
    }
}
