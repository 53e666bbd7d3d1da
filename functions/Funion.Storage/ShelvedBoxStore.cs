using Funion.Roles;

namespace Funion.Storage;

/// <summary>A <see cref="BoxStore"/> whose shelves lie in two stores: what is small and much in one, the rest in the other.</summary>
/// <param name="small">For the shelves of small values, for example a <see cref="TableBoxStore"/>.</param>
/// <param name="rest">For all others.</param>
/// <param name="isSmall">Which shelves.</param>
public sealed class ShelvedBoxStore(BoxStore small, BoxStore rest, Func<string, bool> isSmall) : BoxStore
{
    /// <inheritdoc/>
    public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation) =>
        StoreOf(key.Shelf).PutIfAbsentAsync(key, value, cancellation);

    /// <inheritdoc/>
    public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) => StoreOf(key.Shelf).GetAsync(key, cancellation);

    /// <inheritdoc/>
    public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation) =>
        StoreOf(key.Shelf).ReplaceIfUnchangedAsync(key, value, version, cancellation);

    /// <inheritdoc/>
    public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) => StoreOf(key.Shelf).DeleteAsync(key, cancellation);

    /// <inheritdoc/>
    public override IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation) =>
        StoreOf(shelf).ListAsync(shelf, epoch, prefix, cancellation);

    /// <inheritdoc/>
    public override IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation) => StoreOf(shelf).ListEpochsAsync(shelf, cancellation);

    /// <inheritdoc/>
    public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
        StoreOf(shelf).DeleteEpochAsync(shelf, epoch, cancellation);

    BoxStore StoreOf(string shelf) => isSmall(shelf) ? small : rest;
}
