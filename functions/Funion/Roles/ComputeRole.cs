using System.Security.Cryptography;
using Funion.Inference;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// Compute's intake: opens a sealed job, keeps it, answers. The answer is the same for every request, decodable or not, so it tells nothing;
/// what cannot be decoded gets nothing but that.
/// </summary>
/// <param name="geometry">The network's.</param>
/// <param name="open">Opens a sealed job, and names the epoch of the key that opened it; null when none does.</param>
/// <param name="tokens">What jobs are paid with.</param>
/// <param name="jobs">Jobs at rest.</param>
/// <param name="engine">Where accepted jobs go on.</param>
/// <param name="inbound">The queue on which a node takes packets.</param>
/// <param name="time">Clock.</param>
/// <param name="counters">Totals.</param>
public sealed class ComputeRole(
    SphinxGeometry geometry, Func<ReadOnlyMemory<byte>, (Job Job, long Epoch)?> open, JobTokens tokens, ComputeJobs jobs, ComputeEngine engine,
    Func<NodeId, string?> inbound, TimeProvider time, ComputeCounters counters)
{
    /// <summary>The one answer: a 1, then zeros.</summary>
    public const byte Acknowledged = 1;

    /// <summary>Takes a request for a job.</summary>
    public Work Accept(ServiceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        byte[] reply = new byte[geometry.ReplyPayloadSize];
        reply[0] = Acknowledged;
        Effect? answer = SurbAnswer.TryBuild(geometry, request, reply, inbound);
        IReadOnlyList<Effect> always = answer is null ? [] : [answer];
        if (open(request.Payload) is not var (job, epoch) || !engine.Offers(job))
        {
            counters.CountRefused();
            return Work.Of(always);
        }
        AcceptedJob accepted = new(job, time.GetUtcNow(), epoch);
        if (!tokens.TryRedeem(accepted, out Gate? redemption))
        {
            counters.CountUnpaid();
            job.Output.Wipe();
            return Work.Of(always);
        }
        StoreKey key = ComputeJobs.Key(ComputeJobs.Jobs, accepted);
        byte[] record = accepted.ToBytes();
        Effect keep = new Effect.Put(key, jobs.Seal(key, record));
        CryptographicOperations.ZeroMemory(record);
        // The token first: what nobody paid for leaves nothing in the store. Both hold the job's id, so after a crash between them the job goes through.
        return new Work(new Gate(accepted.Claim, accepted.Id.AsSpan().ToArray(), First: redemption), outcome =>
        {
            if (outcome is not (GateOutcome.Opened or GateOutcome.Reopened))
            {
                counters.CountRefused();
                job.Output.Wipe();
                return always;
            }
            // Reopened: a resend, or a redelivery after a crash. Both effects are idempotent, and the engine knows its jobs.
            engine.Offer(accepted);
            return [keep, .. always];
        });
    }
}
