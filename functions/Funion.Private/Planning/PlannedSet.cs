using Funion.Private.Networks;

namespace Funion.Private.Planning;

/// <summary>One way to exchange activations.</summary>
/// <param name="Set">Places among the candidates (<see cref="Exchange.Candidates"/>) that are squares.</param>
/// <param name="Kept">Values that still go through a circuit of their own.</param>
/// <param name="Squares">Values that are squared.</param>
/// <param name="Cost">Of one inference.</param>
/// <param name="Network">The network, with weights as they are after training, if it was trained.</param>
/// <param name="Integers">What two parties would run.</param>
/// <param name="Accuracy">Of that on pictures that nobody trained on; null where there are none.</param>
public sealed record PlannedSet(IReadOnlyList<int> Set, int Kept, int Squares, PlanCost Cost, FloatNetwork Network, IntegerNetwork Integers, double? Accuracy = null)
{
    /// <summary>Whether another set is as good in all that counts, and better in something: price, values kept, accuracy where both are known.</summary>
    internal bool IsDominatedBy(PlannedSet other, PlanBudget budget)
    {
        (double mine, double theirs) = (budget.Price(Cost), budget.Price(other.Cost));
        bool known = Accuracy is not null && other.Accuracy is not null;
        return theirs <= mine && (known ? other.Accuracy >= Accuracy : other.Kept >= Kept)
            && (theirs < mine || (known ? other.Accuracy > Accuracy : other.Kept > Kept));
    }
}
