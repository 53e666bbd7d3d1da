using System.Collections.Concurrent;
using Funion.Inference;

namespace Funion.Roles;

/// <summary>
/// Fills batches with jobs that compute sends itself: the same code, real boxes, through the same mixnet, so that neither a replica nor the wire
/// can tell them from people's. Keeps so many batches ready or under way that one is ready at every boundary.
/// </summary>
/// <param name="ahead">How many batches: one, and as many as boundaries pass while a job comes through the network.</param>
/// <param name="ask">Asks compute's own client a random question; the callback is told the job before it is dispatched.</param>
public sealed class DummyJobs(int ahead, Func<ComputeOffering, Action<Job>, Task> ask)
{
    readonly ConcurrentDictionary<Bytes32, bool> _ours = [];
    readonly ConcurrentDictionary<ComputeOffering, int> _underWay = [];

    /// <summary>Whether a job is one of these. After a restart earlier dummies are forgotten and run like anybody's.</summary>
    public bool IsOurs(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _ours.TryRemove(new Bytes32(job.Nonce.Span), out _);
    }

    /// <summary>Asks as many questions as are missing, with <paramref name="waiting"/> already at compute; at most two batches at a time.</summary>
    public void TopUp(ComputeOffering offering, int waiting)
    {
        ArgumentNullException.ThrowIfNull(offering);
        int missing = (ahead * offering.Batch) - waiting - _underWay.GetValueOrDefault(offering);
        for (int i = 0; i < Math.Min(missing, 2 * offering.Batch); i++)
        {
            _underWay.AddOrUpdate(offering, 1, (_, count) => count + 1);
            _ = AskAsync(offering);
        }
    }

    async Task AskAsync(ComputeOffering offering)
    {
        bool dispatched = false;
        void Dispatched(Job job)
        {
            dispatched = true;
            _ours.TryAdd(new Bytes32(job.Nonce.Span), true);
            _underWay.AddOrUpdate(offering, 0, (_, count) => count - 1);
        }
        try
        {
            await ask(offering, Dispatched);
        }
        finally
        {
            if (!dispatched)
            {
                _underWay.AddOrUpdate(offering, 0, (_, count) => count - 1);
            }
        }
    }
}
