using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Storage;

public sealed class MemoryBoxStoreTests : BoxStoreContract
{
    protected override BoxStore Create() => new MemoryBoxStore();

    [Fact]
    public async Task A_full_store_takes_nothing_new_but_still_replaces()
    {
        MemoryBoxStore store = new(capacity: 2);
        await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default);
        await store.PutIfAbsentAsync(Key with { Epoch = 8 }, new byte[] { 1 }, default);
        Assert.Equal(PutOutcome.Full, await store.PutIfAbsentAsync(Key with { Name = "01" }, new byte[] { 1 }, default));
        Assert.Equal(PutOutcome.Exists, await store.PutIfAbsentAsync(Key, new byte[] { 2 }, default));
        string version = (await store.GetAsync(Key, default))!.Version;
        Assert.Equal(PutOutcome.Created, await store.ReplaceIfUnchangedAsync(Key, new byte[] { 2 }, version, default));
        await store.DeleteEpochAsync("boxes", 8, default);
        Assert.Equal(1, store.Count);
        Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key with { Name = "01" }, new byte[] { 1 }, default));
    }
}
