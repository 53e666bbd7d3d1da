namespace Funion.Hosting.Ingress;

/// <summary>A token bucket: so many at once, so many per second after that.</summary>
sealed class TokenBucket
{
    readonly double _perSecond, _capacity;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    double _tokens;
    long _filled;

    public TokenBucket(double perSecond, double capacity, TimeProvider time)
    {
        _perSecond = perSecond;
        _capacity = _tokens = capacity;
        _time = time;
        _filled = time.GetTimestamp();
    }

    /// <summary>Takes a token; false when there is none.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_capacity, _tokens + (_time.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
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
