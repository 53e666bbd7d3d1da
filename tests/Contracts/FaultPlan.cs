using Funion.Roles;

namespace Funion.Contracts;

/// <summary>
/// Counts the operations of every port that shares it and strikes one of them, once; a crashed process does nothing more until it is restarted.
/// A crash-point test runs once without a fault to count, then once for each operation and fault.
/// </summary>
public sealed class FaultPlan
{
    readonly Lock _lock = new();
    long _strikeAt;
    Fault _fault;
    bool _dead;

    /// <summary>Operations begun.</summary>
    public long Operations { get; private set; }

    /// <summary>Whether no operation goes through at all.</summary>
    public bool Outage { get; set; }

    /// <summary>Strikes the <paramref name="operation"/>-th operation from now, counted from 1.</summary>
    public void Strike(long operation, Fault fault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(operation, 1);
        lock (_lock)
        {
            _strikeAt = Operations + operation;
            _fault = fault;
        }
    }

    /// <summary>The process starts again; the state behind its ports is what it was.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _dead = false;
        }
    }

    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> operation)
    {
        Fault? fault = Begin();
        Throw(fault, Fault.UnavailableBefore, Fault.CrashBefore);
        T result = await operation();
        Throw(fault, Fault.UnavailableAfter, Fault.CrashAfter);
        return result;
    }

    Fault? Begin()
    {
        lock (_lock)
        {
            if (_dead)
            {
                throw new CrashException();
            }
            if (Outage)
            {
                throw new PortUnavailableException("An outage.");
            }
            return ++Operations == _strikeAt ? _fault : null;
        }
    }

    void Throw(Fault? fault, Fault unavailable, Fault crash)
    {
        if (fault == unavailable)
        {
            throw new PortUnavailableException("A fault was planned here.");
        }
        if (fault == crash)
        {
            lock (_lock)
            {
                _dead = true;
            }
            throw new CrashException();
        }
    }
}
