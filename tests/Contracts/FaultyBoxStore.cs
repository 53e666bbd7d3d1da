using System.Runtime.CompilerServices;
using Funion.Roles;

namespace Funion.Contracts;

/// <summary>A store that fails as planned; on some shelves only, when <paramref name="shelves"/> says which.</summary>
public sealed class FaultyBoxStore(BoxStore inner, FaultPlan plan, Func<string, bool>? shelves = null) : BoxStore
{
    public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation) =>
        shelves?.Invoke(key.Shelf) ?? true
            ? plan.RunAsync(() => inner.PutIfAbsentAsync(key, value, cancellation), $"put {key.Shelf}", PutOutcome.Full)
            : inner.PutIfAbsentAsync(key, value, cancellation);

    public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) =>
        RunAsync("get", key.Shelf, () => inner.GetAsync(key, cancellation));

    public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation) =>
        RunAsync("replace", key.Shelf, () => inner.ReplaceIfUnchangedAsync(key, value, version, cancellation));

    public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) =>
        RunAsync("delete", key.Shelf, () => inner.DeleteAsync(key, cancellation));

    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await RunAsync("list", shelf, () => new ValueTask<bool>(true));
        await foreach (string name in inner.ListAsync(shelf, epoch, prefix, cancellation))
        {
            yield return name;
        }
    }

    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await RunAsync("epochs", shelf, () => new ValueTask<bool>(true));
        await foreach (long epoch in inner.ListEpochsAsync(shelf, cancellation))
        {
            yield return epoch;
        }
    }

    public override async ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
        await RunAsync("drop", shelf, async () =>
        {
            await inner.DeleteEpochAsync(shelf, epoch, cancellation);
            return true;
        });

    ValueTask<T> RunAsync<T>(string what, string shelf, Func<ValueTask<T>> operation) =>
        shelves?.Invoke(shelf) ?? true ? plan.RunAsync(operation, $"{what} {shelf}") : operation();
}
