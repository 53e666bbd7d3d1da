using Azure.Data.Tables;
using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

[Collection(AzuriteCollection.Name)]
public sealed class TableBoxStoreTests(AzuriteFixture azurite) : BoxStoreContract
{
    protected override BoxStore Create() => new TableBoxStore(StorageClients.Tables(azurite.ConnectionString), AzuriteFixture.NewPrefix());

    [Fact]
    public async Task Prefixes_that_differ_in_a_hyphen_only_have_tables_of_their_own()
    {
        TableServiceClient service = StorageClients.Tables(azurite.ConnectionString);
        string prefix = AzuriteFixture.NewPrefix();
        TableBoxStore one = new(service, $"{prefix}-1"), two = new(service, $"{prefix}1"), three = new(service, $"{prefix}z");
        foreach ((TableBoxStore store, byte value) in ((TableBoxStore, byte)[])[(one, 1), (two, 2), (three, 3)])
        {
            Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key, new[] { value }, default));
        }
        await two.DeleteEpochAsync(Key.Shelf, Key.Epoch, default);
        Assert.Null(await two.GetAsync(Key, default));
        Assert.Equal([1], (await one.GetAsync(Key, default))!.Value.ToArray());
        Assert.Equal([3], (await three.GetAsync(Key, default))!.Value.ToArray());
    }

    [Fact]
    public async Task A_name_with_what_a_key_of_an_entity_may_not_hold_is_kept_as_it_is()
    {
        BoxStore store = Create();
        string[] names = ["a/b", "a?b", "a#b\\c", "tilde~0041", "ä€", "0"];
        foreach (string name in names)
        {
            Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key with { Name = name }, new byte[] { 1 }, default));
        }
        List<string> listed = [];
        await foreach (string name in store.ListAsync(Key.Shelf, Key.Epoch, "", default))
        {
            listed.Add(name);
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task A_value_or_a_name_that_no_entity_holds_is_a_mistake_of_the_caller()
    {
        BoxStore store = Create();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            store.PutIfAbsentAsync(Key, new byte[TableBoxStore.LargestValue + 1], default).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            store.PutIfAbsentAsync(Key with { Name = new string('a', 501) }, new byte[1], default).AsTask());
    }
}
