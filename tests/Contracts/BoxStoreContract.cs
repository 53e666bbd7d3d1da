using Funion.Roles;
using Xunit;

namespace Funion.Contracts;

/// <summary>What every <see cref="BoxStore"/> promises.</summary>
public abstract class BoxStoreContract
{
    protected static readonly StoreKey Key = new("boxes", 7, "00ff");

    /// <summary>An empty store.</summary>
    protected abstract BoxStore Create();

    [Fact]
    public async Task What_was_put_is_read_back()
    {
        BoxStore store = Create();
        Assert.Null(await store.GetAsync(Key, default));
        Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key, new byte[] { 1, 2, 3 }, default));
        Assert.Equal([1, 2, 3], (await store.GetAsync(Key, default))!.Value.ToArray());
        Assert.Null(await store.GetAsync(Key with { Epoch = 8 }, default));
        Assert.Null(await store.GetAsync(Key with { Shelf = "box" }, default));
        Assert.Null(await store.GetAsync(Key with { Name = "00" }, default));
    }

    [Fact]
    public async Task A_store_keeps_its_own_copy()
    {
        BoxStore store = Create();
        byte[] value = [1, 2, 3];
        await store.PutIfAbsentAsync(Key, value, default);
        value[0] = 9;
        Assert.Equal([1, 2, 3], (await store.GetAsync(Key, default))!.Value.ToArray());
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        BoxStore store = Create();
        Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key, default, default));
        Assert.Equal(0, (await store.GetAsync(Key, default))!.Value.Length);
        Assert.Equal(PutOutcome.Exists, await store.PutIfAbsentAsync(Key, default, default));
    }

    [Fact]
    public async Task Of_many_puts_at_once_one_wins()
    {
        BoxStore store = Create();
        PutOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => Task.Run(() => store.PutIfAbsentAsync(Key, new[] { (byte)i }, default).AsTask())));
        int winner = Assert.Single(Enumerable.Range(0, 8), i => outcomes[i] == PutOutcome.Created);
        Assert.Equal(7, outcomes.Count(o => o == PutOutcome.Exists));
        Assert.Equal([(byte)winner], (await store.GetAsync(Key, default))!.Value.ToArray());
    }

    [Fact]
    public async Task Of_many_replacements_of_one_version_one_wins()
    {
        BoxStore store = Create();
        await store.PutIfAbsentAsync(Key, new byte[] { 99 }, default);
        string version = (await store.GetAsync(Key, default))!.Version;
        PutOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => Task.Run(() => store.ReplaceIfUnchangedAsync(Key, new[] { (byte)i }, version, default).AsTask())));
        int winner = Assert.Single(Enumerable.Range(0, 8), i => outcomes[i] == PutOutcome.Created);
        Assert.Equal([(byte)winner], (await store.GetAsync(Key, default))!.Value.ToArray());
    }

    [Fact]
    public async Task A_stale_version_replaces_nothing()
    {
        BoxStore store = Create();
        await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default);
        string first = (await store.GetAsync(Key, default))!.Version;
        Assert.Equal(PutOutcome.Created, await store.ReplaceIfUnchangedAsync(Key, new byte[] { 2 }, first, default));
        Assert.Equal(PutOutcome.Exists, await store.ReplaceIfUnchangedAsync(Key, new byte[] { 3 }, first, default));
        StoredValue there = (await store.GetAsync(Key, default))!;
        Assert.Equal([2], there.Value.ToArray());
        Assert.NotEqual(first, there.Version);

        // Nor does the version of a value that was deleted, or of one that is new under the same name.
        await store.DeleteAsync(Key, default);
        Assert.Equal(PutOutcome.Exists, await store.ReplaceIfUnchangedAsync(Key, new byte[] { 4 }, there.Version, default));
        await store.PutIfAbsentAsync(Key, new byte[] { 2 }, default);
        Assert.Equal(PutOutcome.Exists, await store.ReplaceIfUnchangedAsync(Key, new byte[] { 5 }, there.Version, default));
        Assert.Equal(PutOutcome.Exists, await store.ReplaceIfUnchangedAsync(Key with { Epoch = 99 }, new byte[] { 5 }, there.Version, default));
    }

    [Fact]
    public async Task Delete_says_whether_there_was_anything()
    {
        BoxStore store = Create();
        Assert.False(await store.DeleteAsync(Key, default));
        await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default);
        Assert.True(await store.DeleteAsync(Key, default));
        Assert.False(await store.DeleteAsync(Key, default));
        Assert.Null(await store.GetAsync(Key, default));
        Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key, new byte[] { 2 }, default));
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_in_ordinal_order()
    {
        BoxStore store = Create();
        Assert.Empty(await ListAsync(store, "boxes", 7, ""));
        foreach (string name in (string[])["b0", "a1", "a-1", "a/2", "a/10", "aa", "a"])
        {
            await store.PutIfAbsentAsync(Key with { Name = name }, new byte[] { 1 }, default);
        }
        await store.PutIfAbsentAsync(Key with { Name = "a9", Epoch = 8 }, new byte[] { 1 }, default);
        Assert.Equal(["a", "a-1", "a/10", "a/2", "a1", "aa", "b0"], await ListAsync(store, "boxes", 7, ""));
        Assert.Equal(["a/10", "a/2"], await ListAsync(store, "boxes", 7, "a/"));
        Assert.Empty(await ListAsync(store, "boxes", 7, "c"));
        await store.DeleteAsync(Key with { Name = "a/10" }, default);
        await store.PutIfAbsentAsync(Key with { Name = "a/3" }, new byte[] { 1 }, default);
        Assert.Equal(["a/2", "a/3"], await ListAsync(store, "boxes", 7, "a/"));
    }

    [Fact]
    public async Task Epochs_are_listed_by_number()
    {
        BoxStore store = Create();
        foreach (long epoch in (long[])[10, 9, 100, 0])
        {
            await store.PutIfAbsentAsync(new("tags", epoch, "00"), new byte[] { 1 }, default);
        }
        await store.PutIfAbsentAsync(new("tags-old", 11, "00"), new byte[] { 1 }, default);
        await store.PutIfAbsentAsync(new("tags-2", 12, "00"), new byte[] { 1 }, default);
        Assert.Equal([0, 9, 10, 100], await EpochsAsync(store, "tags"));
        await store.DeleteAsync(new("tags", 9, "00"), default);
        Assert.Equal([0, 10, 100], await EpochsAsync(store, "tags"));
        Assert.Empty(await EpochsAsync(store, "none"));
    }

    [Fact]
    public async Task An_epoch_is_deleted_whole_and_can_be_used_again()
    {
        BoxStore store = Create();
        await store.DeleteEpochAsync("boxes", 7, default);
        await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default);
        await store.PutIfAbsentAsync(Key with { Name = "01" }, new byte[] { 1 }, default);
        await store.PutIfAbsentAsync(Key with { Epoch = 8 }, new byte[] { 1 }, default);
        await store.DeleteEpochAsync("boxes", 7, default);
        Assert.Null(await store.GetAsync(Key, default));
        Assert.Empty(await ListAsync(store, "boxes", 7, ""));
        Assert.Equal([8], await EpochsAsync(store, "boxes"));
        Assert.Equal(PutOutcome.Created, await store.PutIfAbsentAsync(Key, new byte[] { 2 }, default));
        Assert.Equal([2], (await store.GetAsync(Key, default))!.Value.ToArray());
    }

    [Theory]
    [InlineData("Boxes", 1, "00")]
    [InlineData("", 1, "00")]
    [InlineData("-a", 1, "00")]
    [InlineData("a--b", 1, "00")]
    [InlineData("a-shelf-of-nineteen", 1, "00")]
    [InlineData("boxes", -1, "00")]
    [InlineData("boxes", 1, "")]
    public async Task What_Azure_cannot_name_is_refused(string shelf, long epoch, string name)
    {
        BoxStore store = Create();
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.PutIfAbsentAsync(new(shelf, epoch, name), default, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.GetAsync(new(shelf, epoch, name), default));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled()
    {
        BoxStore store = Create();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutIfAbsentAsync(Key, default, new(canceled: true)));
        Assert.Null(await store.GetAsync(Key, default));
    }

    protected static async Task<List<string>> ListAsync(BoxStore store, string shelf, long epoch, string prefix)
    {
        List<string> names = [];
        await foreach (string name in store.ListAsync(shelf, epoch, prefix, default))
        {
            names.Add(name);
        }
        return names;
    }

    protected static async Task<List<long>> EpochsAsync(BoxStore store, string shelf)
    {
        List<long> epochs = [];
        await foreach (long epoch in store.ListEpochsAsync(shelf, default))
        {
            epochs.Add(epoch);
        }
        return epochs;
    }
}
