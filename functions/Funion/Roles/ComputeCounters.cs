namespace Funion.Roles;

/// <summary>What compute did, in totals.</summary>
public sealed class ComputeCounters
{
    long _accepted, _refused, _started, _dummies, _released, _failed, _overruns, _rounds, _displaced, _unwritten, _faults, _unpaid;

    /// <summary>Jobs taken in, dummies among them.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Jobs that did not decode, or came a second time under another hash or with a token that was spent.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Jobs without a valid token, where one is demanded.</summary>
    public long Unpaid => Interlocked.Read(ref _unpaid);

    /// <summary>Jobs that started at a boundary.</summary>
    public long Started => Interlocked.Read(ref _started);

    /// <summary>Dummies among those that started.</summary>
    public long Dummies => Interlocked.Read(ref _dummies);

    /// <summary>Jobs whose output boxes were released, every one of them at a boundary.</summary>
    public long Released => Interlocked.Read(ref _released);

    /// <summary>Jobs that ended in a failure output because they overran.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Rounds whose boundary came while an earlier batch was still running.</summary>
    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Jobs turned away because too many waited.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    /// <summary>Output boxes that the replicas would not take.</summary>
    public long Unwritten => Interlocked.Read(ref _unwritten);

    /// <summary>Jobs given up because of a bug that they found.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Boundaries passed.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    internal void CountAccepted() => Interlocked.Increment(ref _accepted);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountUnpaid() => Interlocked.Increment(ref _unpaid);

    internal void CountStarted(bool dummy)
    {
        Interlocked.Increment(ref _started);
        if (dummy)
        {
            Interlocked.Increment(ref _dummies);
        }
    }

    internal void CountReleased() => Interlocked.Increment(ref _released);

    internal void CountFailed() => Interlocked.Increment(ref _failed);

    internal void CountOverrun() => Interlocked.Increment(ref _overruns);

    internal void CountDisplaced() => Interlocked.Increment(ref _displaced);

    internal void CountUnwritten() => Interlocked.Increment(ref _unwritten);

    internal void CountFault() => Interlocked.Increment(ref _faults);

    internal void CountRound() => Interlocked.Increment(ref _rounds);
}
