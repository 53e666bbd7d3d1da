namespace Funion.Roles;

/// <summary>
/// What a role wants done about one message: a gate, then an ordered list of effects that depends on what the gate found.
/// Crash points lie after the gate and after each effect; the whole is repeated when the message is delivered again.
/// </summary>
/// <param name="Gate">Null when the work needs none, because everything in it is idempotent downstream.</param>
/// <param name="Effects">The effects, in order, for each outcome. Called with <see cref="GateOutcome.Opened"/> when there is no gate.</param>
public sealed record Work(Gate? Gate, Func<GateOutcome, IReadOnlyList<Effect>> Effects)
{
    /// <summary>Nothing to do: complete the delivery and forget it.</summary>
    public static Work None { get; } = new(null, _ => []);

    /// <summary>Effects without a gate.</summary>
    public static Work Of(params IReadOnlyList<Effect> effects) => new(null, _ => effects);

    /// <summary>Effects done once per <paramref name="gate"/>, and finished again on redelivery; nothing when it is closed.</summary>
    public static Work Once(Gate gate, params IReadOnlyList<Effect> effects) =>
        new(gate, outcome => outcome is GateOutcome.Opened or GateOutcome.Reopened ? effects : []);
}
