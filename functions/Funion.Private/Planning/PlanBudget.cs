namespace Funion.Private.Planning;

/// <summary>What an inference may cost, and how good it must be; null for what does not matter.</summary>
/// <param name="Bytes">Of both phases.</param>
/// <param name="Seconds">Of both phases.</param>
/// <param name="Rounds">Of both phases.</param>
/// <param name="Accuracy">At least; what is not known to have it has not.</param>
public sealed record PlanBudget(long? Bytes = null, double? Seconds = null, int? Rounds = null, double? Accuracy = null)
{
    /// <summary>Whether a cost is within.</summary>
    public bool Affords(in PlanCost cost) => cost.Bytes <= (Bytes ?? long.MaxValue) && cost.Seconds <= (Seconds ?? double.MaxValue) && cost.Rounds <= (Rounds ?? int.MaxValue);

    /// <summary>Whether an accuracy is good enough.</summary>
    public bool Suffices(double? accuracy) => Accuracy is not { } floor || accuracy >= floor;

    /// <summary>The one figure by which sets compete: what the budget bounds, and seconds otherwise.</summary>
    public double Price(in PlanCost cost) => Bytes is not null ? cost.Bytes : Seconds is null && Rounds is not null ? cost.Rounds : cost.Seconds;
}
