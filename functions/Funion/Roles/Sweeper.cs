using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// Deletes what a node's epochs have left behind, a whole epoch at a time and without reading it: replay tags with their key, mailboxes, loops and their totals, envelopes after
/// their five minutes, boxes after two replica epochs, jobs, their claims and the tokens that paid for them.
/// </summary>
/// <param name="store">The node's store.</param>
/// <param name="document">The network.</param>
/// <param name="time">Clock.</param>
public sealed class Sweeper(BoxStore store, NetworkDocument document, TimeProvider time) : Actor
{
    static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long epoch = document.EpochAt(now);
        try
        {
            // The last epoch's key still opens packets that are under way; its tags stay as long as it does.
            await store.DeleteEpochsBeforeAsync(SphinxHop.TagShelf, epoch - 1, cancellation);
            await store.DeleteEpochsBeforeAsync(GatewayRole.MailboxShelf, epoch - 1, cancellation);
            await store.DeleteEpochsBeforeAsync(LoopRole.Shelf, epoch - 1, cancellation);
            await store.DeleteEpochsBeforeAsync(NodeTotals.Shelf, epoch - 1, cancellation);
            foreach (string shelf in (string[])[ComputeJobs.Accepted, ComputeJobs.Jobs, ComputeJobs.Inputs, ComputeJobs.Outputs, JobTokens.Shelf, DummyNotes.Shelf])
            {
                await store.DeleteEpochsBeforeAsync(shelf, epoch - 1, cancellation);
            }
            await store.DeleteEpochsBeforeAsync(CourierEnvelopes.Shelf, CourierEnvelopes.WindowAt(now) - 1, cancellation);
            await store.DeleteEpochsBeforeAsync(CopyRole.Shelf, CopyRole.WindowAt(now) - 1, cancellation);
            await store.DeleteEpochsBeforeAsync(ReplicaRole.Shelf, document.ReplicaEpochAt(now) - 1, cancellation);
        }
        catch (PortUnavailableException)
        {
            // The next sweep finds them.
        }
        return now + s_interval;
    }
}
