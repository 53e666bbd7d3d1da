namespace Funion.Cli.Ingress;

/// <summary>
/// A token bucket on one connection: the only limit a gateway keeps, for it knows nobody. Filled at 1.1 times what a client may send
/// (Echomix, section 6), so that a conforming client never meets it.
/// </summary>
sealed class ConnectionLimiter(double perSecond, TimeProvider time)
{
    const double Capacity = 256;

    readonly Lock _lock = new();
    double _tokens = Capacity;
    long _filled = time.GetTimestamp();

    /// <summary>Takes a token; false when the connection is too fast.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(Capacity, _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * perSecond));
            _filled = now;
            if (_tokens < 1)
            {
                return false;
            }
            _tokens--;
            return true;
        }
    }
}
