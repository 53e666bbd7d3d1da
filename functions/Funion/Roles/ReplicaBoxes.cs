using Funion.Bacap;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// The boxes of one replica over its store. Writes go to the current replica epoch, reads look through the kept ones, this and the last. What is there
/// stays: the same bytes again are a success, others are refused; only a tombstone replaces.
/// </summary>
sealed class ReplicaBoxes(NetworkDocument document, PigeonholeGeometry geometry, BoxStore store, TimeProvider time)
{
    /// <summary>Epochs that are kept, the current one among them.</summary>
    public const int KeptEpochs = 2;

    /// <summary>Reads a box, newest epoch first. What is stored is verified again: a damaged box is no box.</summary>
    public async ValueTask<ReplicaAnswer> ReadAsync(BoxId id, CancellationToken cancellation)
    {
        ReplicaError missing = ReplicaError.BoxIdNotFound;
        long epoch = document.ReplicaEpochAt(time.GetUtcNow());
        for (long at = epoch; at > epoch - KeptEpochs; at--)
        {
            if (await store.GetAsync(Key(at, id), cancellation) is not { } stored)
            {
                continue;
            }
            if (StoredBox.TryRead(id, stored.Value) is { } box)
            {
                return new ReplicaAnswer(false, box.IsTombstone ? ReplicaError.Tombstone : ReplicaError.None, box);
            }
            missing = ReplicaError.DatabaseFailure;
        }
        return new ReplicaAnswer(false, missing, null);
    }

    /// <summary>Stores a box or a tombstone. <paramref name="replicate"/> gives what hands it to the other shard once it is stored here.</summary>
    public async ValueTask<Work> StoreAsync(
        Box box, Func<ReplicaAnswer, IReadOnlyList<Effect>> reply, Func<Box, Effect?> replicate, CancellationToken cancellation)
    {
        IReadOnlyList<Effect> Say(ReplicaError error) => reply(new ReplicaAnswer(true, error, null));
        if (!box.IsTombstone && box.Ciphertext.Length != geometry.BoxCiphertextSize)
        {
            return Work.Of(Say(ReplicaError.InvalidPayload));
        }
        if (!Box.Verify(box.Id, box.Ciphertext.Span, box.Signature.Span))
        {
            return Work.Of(Say(ReplicaError.InvalidSignature));
        }
        long epoch = document.ReplicaEpochAt(time.GetUtcNow());
        byte[] value = StoredBox.ToBytes(box);
        List<StoreKey> older = [];
        for (long at = epoch - 1; at > epoch - KeptEpochs; at--)
        {
            if (await store.GetAsync(Key(at, box.Id), cancellation) is not { } there)
            {
                continue;
            }
            if (box.IsTombstone)
            {
                older.Add(Key(at, box.Id));
            }
            else if (!there.Value.Span.SequenceEqual(value) && StoredBox.TryRead(box.Id, there.Value) is not null)
            {
                return Work.Of(Say(ReplicaError.BoxAlreadyExists));
            }
        }
        IReadOnlyList<Effect> Done(IEnumerable<Effect> first) =>
            replicate(box) is { } copy ? [.. first, copy, .. Say(ReplicaError.None)] : [.. first, .. Say(ReplicaError.None)];
        // A copy that rotted here is worth nothing: the same box again mends it.
        Gate gate = new(Key(epoch, box.Id), value, box.IsTombstone, stored => StoredBox.TryRead(box.Id, stored) is null, AnswersFull: true);
        return new Work(gate, outcome => outcome switch
        {
            GateOutcome.Opened or GateOutcome.Reopened => Done(older.Select(key => new Effect.Delete(key))),
            GateOutcome.Closed => Say(ReplicaError.BoxAlreadyExists),
            // Deletion must not wait for room: the tombstone takes the place of what it deletes.
            GateOutcome.Full when older.Count > 0 => Done(older.Select(key => new Effect.Overwrite(key, value))),
            _ => Say(ReplicaError.StorageFull),
        });
    }

    static StoreKey Key(long epoch, BoxId id) => new(ReplicaRole.Shelf, epoch, id.ToString());
}
