using Funion.Roles;

namespace Funion.Contracts;

/// <summary>
/// Counts the operations of every port that shares it and strikes one of them, once; a crashed process does nothing more until it is restarted.
/// A crash-point test runs once without a fault to count, then once for each operation and fault.
/// </summary>
public sealed class FaultPlan
{
    readonly Lock _lock = new();
    readonly List<string> _names = [];
    long _strikeAt, _stallAt;
    long _fullFrom = long.MaxValue, _fullTo;
    Fault _fault;
    Func<ValueTask>? _meanwhile;
    bool _dead;

    /// <summary>Operations begun.</summary>
    public long Operations { get; private set; }

    /// <summary>What each operation was called, where its port says so.</summary>
    public IReadOnlyList<string> Names => _names;

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

    /// <summary>The <paramref name="operation"/>-th operation from now takes so long that something else happens before it.</summary>
    public void Stall(long operation, Func<ValueTask> meanwhile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(operation, 1);
        lock (_lock)
        {
            _stallAt = Operations + operation;
            _meanwhile = meanwhile;
        }
    }

    /// <summary>From the <paramref name="operation"/>-th operation from now, <paramref name="operations"/> of them find the store full if they put anything new.</summary>
    public void Fill(long operation, long operations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(operation, 1);
        lock (_lock)
        {
            _fullFrom = Operations + operation;
            _fullTo = _fullFrom + operations;
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

    public ValueTask<T> RunAsync<T>(Func<ValueTask<T>> operation, string name = "") => OperateAsync(operation, name, null);

    /// <summary>An operation that asks for room: where the store is full by plan, its result is <paramref name="full"/>.</summary>
    public ValueTask<T> RunAsync<T>(Func<ValueTask<T>> operation, string name, T full) => OperateAsync(operation, name, () => full);

    async ValueTask<T> OperateAsync<T>(Func<ValueTask<T>> operation, string name, Func<T>? full)
    {
        (Fault? fault, Func<ValueTask>? meanwhile, bool isFull) = Begin(name);
        if (meanwhile is not null)
        {
            await meanwhile();
        }
        Throw(fault, Fault.UnavailableBefore, Fault.CrashBefore);
        T result = isFull && full is not null ? full() : await operation();
        Throw(fault, Fault.UnavailableAfter, Fault.CrashAfter);
        return result;
    }

    (Fault? Fault, Func<ValueTask>? Meanwhile, bool IsFull) Begin(string name)
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
            Operations++;
            _names.Add(name);
            return (
                Operations == _strikeAt ? _fault : null, Operations == _stallAt ? _meanwhile : null, Operations >= _fullFrom && Operations < _fullTo);
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
