using System.Text;
using Funion.Cryptography;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tokens;

/// <summary>
/// The plainest policy: every client that the operator knows gets one batch of one size an epoch. Kept by put-if-absent, so that a batch that comes again
/// is granted again, and another one is not; who it was is kept as a hash.
/// </summary>
/// <param name="store">The issuer's own.</param>
/// <param name="size">Tokens in a batch, everybody's the same: a number of one's own would be a name.</param>
/// <param name="knows">Whether somebody is a client at all.</param>
public sealed class OneBatchBudget(BoxStore store, int size, Func<string, bool> knows)
{
    /// <summary>Batches that were granted, by epoch.</summary>
    public const string Shelf = "token-batches";

    /// <summary>A <see cref="TokenBudget"/>.</summary>
    public async ValueTask<bool> GrantAsync(string client, long epoch, int count, Bytes32 batch, CancellationToken cancellation)
    {
        if (count != size || !knows(client))
        {
            return false;
        }
        byte[] name = new byte[Bytes32.Size];
        Blake2b.Hash256("funion-token-client-v1"u8, Encoding.UTF8.GetBytes(client), name);
        StoreKey key = new(Shelf, epoch, Convert.ToHexStringLower(name));
        return await store.PutIfAbsentAsync(key, batch.AsSpan().ToArray(), cancellation) == PutOutcome.Created
            || (await store.GetAsync(key, cancellation) is { } granted && granted.Value.Span.SequenceEqual(batch.AsSpan()));
    }

    /// <summary>Forgets what was granted in past epochs, for which there is no key any more.</summary>
    public ValueTask ForgetBeforeAsync(long epoch, CancellationToken cancellation) => store.DeleteEpochsBeforeAsync(Shelf, epoch, cancellation);
}
