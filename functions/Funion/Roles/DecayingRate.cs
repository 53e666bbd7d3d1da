namespace Funion.Roles;

/// <summary>Events a second, each forgotten exponentially. Not for more than one thread at a time.</summary>
/// <param name="memory">After this an event counts 1/e.</param>
sealed class DecayingRate(TimeSpan memory)
{
    double _rate;
    DateTimeOffset _at = DateTimeOffset.MinValue;

    /// <summary>Counts an event.</summary>
    public void Add(DateTimeOffset now) => (_rate, _at) = (At(now) + (1 / memory.TotalSeconds), now);

    /// <summary>The rate at a time.</summary>
    public double At(DateTimeOffset now) => _rate * Math.Exp(-Math.Max(0, (now - _at) / memory));
}
