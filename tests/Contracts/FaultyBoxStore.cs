using System.Runtime.CompilerServices;
using Funion.Roles;

namespace Funion.Contracts;

/// <summary>A store that fails as planned.</summary>
public sealed class FaultyBoxStore(BoxStore inner, FaultPlan plan) : BoxStore
{
    public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation) =>
        plan.RunAsync(() => inner.PutIfAbsentAsync(key, value, cancellation));

    public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) =>
        plan.RunAsync(() => inner.GetAsync(key, cancellation));

    public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation) =>
        plan.RunAsync(() => inner.ReplaceIfUnchangedAsync(key, value, version, cancellation));

    public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) =>
        plan.RunAsync(() => inner.DeleteAsync(key, cancellation));

    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await plan.RunAsync(() => new ValueTask<bool>(true));
        await foreach (string name in inner.ListAsync(shelf, epoch, prefix, cancellation))
        {
            yield return name;
        }
    }

    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await plan.RunAsync(() => new ValueTask<bool>(true));
        await foreach (long epoch in inner.ListEpochsAsync(shelf, cancellation))
        {
            yield return epoch;
        }
    }

    public override async ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
        await plan.RunAsync(async () =>
        {
            await inner.DeleteEpochAsync(shelf, epoch, cancellation);
            return true;
        });
}
