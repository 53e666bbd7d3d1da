namespace Funion.Roles;

/// <summary>
/// Something that acts when its time comes: a node's pump, a client's sender, compute's bucket clock. A process drives it by the wall clock
/// (<see cref="ActorRunner"/>), a test by a virtual one, step by step; so an actor starts no timer and no thread of its own.
/// </summary>
public abstract class Actor
{
    /// <summary>Rung when something arrived that should be looked at before the time the last step named. May ring on any thread.</summary>
    public event Action? Woken;

    /// <summary>Rings <see cref="Woken"/>.</summary>
    public void Wake() => Woken?.Invoke();

    /// <summary>
    /// Does all that is due and returns when to be called next; <see cref="DateTimeOffset.MaxValue"/>: only when woken.
    /// One caller at a time.
    /// </summary>
    public abstract ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation);
}
