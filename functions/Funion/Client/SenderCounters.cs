namespace Funion.Client;

/// <summary>Totals of one sender, counted on any thread.</summary>
sealed class SenderCounters
{
    long _sent, _loops, _replies, _returned, _lost, _resends, _damaged, _failures, _loopsDamaged, _late;

    public LoopStatistics Read() => new(
        Volatile.Read(ref _sent), Volatile.Read(ref _replies), Volatile.Read(ref _returned), Volatile.Read(ref _lost), Volatile.Read(ref _resends),
        Volatile.Read(ref _loops), Volatile.Read(ref _damaged), Volatile.Read(ref _failures),
        Volatile.Read(ref _loopsDamaged), Volatile.Read(ref _late));

    public void CountSent(bool loop)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _loops, loop ? 1 : 0);
    }

    public void CountReply(bool loop, bool late)
    {
        Interlocked.Increment(ref _replies);
        Interlocked.Add(ref _returned, loop ? 1 : 0);
        Interlocked.Add(ref _late, loop && late ? 1 : 0);
    }

    public void CountLost(int loops) => Interlocked.Add(ref _lost, loops);

    public void CountResends(int requests) => Interlocked.Add(ref _resends, requests);

    public void CountDamaged(bool loop)
    {
        Interlocked.Increment(ref _damaged);
        Interlocked.Add(ref _loopsDamaged, loop ? 1 : 0);
    }

    public void CountFailure() => Interlocked.Increment(ref _failures);
}
