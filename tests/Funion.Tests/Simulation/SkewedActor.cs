using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>An actor by a clock of its own, as one by the clock of the run.</summary>
sealed class SkewedActor : Actor
{
    readonly Actor _inner;
    readonly TimeSpan _offset;

    public SkewedActor(Actor inner, TimeSpan offset)
    {
        _inner = inner;
        _offset = offset;
        inner.Woken += Wake;
    }

    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        DateTimeOffset next = await _inner.StepAsync(cancellation);
        return next > DateTimeOffset.MaxValue - TimeSpan.FromDays(366) ? DateTimeOffset.MaxValue : next - _offset;
    }
}
