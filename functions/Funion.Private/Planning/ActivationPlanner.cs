using Funion.Models;
using Funion.Private.Networks;
using Funion.Private.Serving;

namespace Funion.Private.Planning;

/// <summary>
/// Chooses which activations become quadratic. The search adds up what each saves when it is exchanged alone. What it finds is then
/// calibrated and counted exactly, for what one layer costs follows from how long its input is, and that from its neighbours.
/// <list type="bullet">
/// <item>References: Delphi (Mishra and others, 2020), section 5. There a search by training (population based) maximises accuracy times the share of squares.</item>
/// </list>
/// </summary>
public sealed class ActivationPlanner
{
    /// <summary>Sets that are counted exactly.</summary>
    public const int MostSets = 14;

    readonly FloatNetwork _network;

    readonly IReadOnlyList<float[]> _samples;

    readonly CostModel _costs;

    /// <summary>A planner of one network.</summary>
    /// <param name="network">The network; it has a candidate, and 63 at most.</param>
    /// <param name="samples">To calibrate on.</param>
    /// <param name="costs">What things cost.</param>
    public ActivationPlanner(FloatNetwork network, IReadOnlyList<float[]> samples, CostModel costs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(costs);
        Candidates = [.. Exchange.Candidates(network).Select(layer => network.Layers[layer].Output.Count)];
        if (Candidates.Count is < 1 or > 63)
        {
            throw new ArgumentException($"A network with {Candidates.Count} activations that can be exchanged: 1 to 63 can be planned.", nameof(network));
        }
        (_network, _samples, _costs) = (network, samples, costs);
    }

    /// <summary>Values of each activation that can be exchanged.</summary>
    public IReadOnlyList<int> Candidates { get; }

    /// <summary>Costs a set exactly; null when its sums fit into no ring.</summary>
    /// <param name="set">Places among the candidates.</param>
    /// <param name="trained">The exchanged network with weights of its own; null for those that are there.</param>
    public PlannedSet? Count(IReadOnlyList<int> set, FloatNetwork? trained = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        FloatNetwork network = trained ?? Exchange.Apply(_network, set.ToHashSet());
        try
        {
            IntegerNetwork integers = PrivateModels.Calibrate(network, _samples);
            return new PlannedSet(set, network.Activations, network.Quadratics, _costs.Of(integers), network, integers);
        }
        catch (ModelException)
        {
            return null;
        }
    }

    /// <summary>Sets worth a look under a budget, exactly counted, from the one that exchanges least.</summary>
    public IReadOnlyList<PlannedSet> Search(PlanBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        PlannedSet none = Count([]) ?? throw new ModelException("The sums of this network fit into no ring.");
        if (1 << Math.Min(30, Candidates.Count) <= MostSets)
        {
            return [.. Enumerable.Range(0, 1 << Candidates.Count).Select(set => set == 0 ? none : Count(new Subset((ulong)set, 0, 0).ToList())).OfType<PlannedSet>().OrderByDescending(set => set.Kept)];
        }
        double[] savings = Savings(none, budget);
        SubsetSearch search = new(Candidates, savings);
        IReadOnlyList<Subset> front = search.Front();
        // Near the budget it matters most.
        double price = budget.Price(none.Cost), bound = budget.Price(new PlanCost(budget.Bytes ?? 0, 0, budget.Rounds ?? 0, 0, budget.Seconds ?? 0, 0));
        IEnumerable<Subset> wanted = bound == 0 ? [] : front.OrderBy(set => Math.Abs(price - set.Saved - bound)).Take(6);
        return [.. SubsetSearch.Thin(front, MostSets, wanted).Select(set => set.Members == 0 ? none : Count(set.ToList())).OfType<PlannedSet>()];
    }

    /// <summary>Those that no other one beats.</summary>
    public static IReadOnlyList<PlannedSet> Front(IReadOnlyList<PlannedSet> sets, PlanBudget budget) =>
        [.. sets.Where(set => !sets.Any(other => set.IsDominatedBy(other, budget)))];

    /// <summary>The best that budget and floor allow: the most accurate where that is known, otherwise what keeps most; of those the cheapest; null when none is.</summary>
    public static PlannedSet? Choose(IReadOnlyList<PlannedSet> sets, PlanBudget budget)
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(budget);
        IEnumerable<PlannedSet> admitted = sets.Where(set => budget.Affords(set.Cost) && budget.Suffices(set.Accuracy));
        // With a floor, whatever is good enough may be as cheap as can be.
        return budget.Accuracy is not null
            ? admitted.OrderBy(set => budget.Price(set.Cost)).ThenByDescending(set => set.Accuracy).FirstOrDefault()
            : admitted.OrderByDescending(set => set.Accuracy ?? 0).ThenByDescending(set => set.Accuracy is null ? set.Kept : 0).ThenBy(set => budget.Price(set.Cost)).FirstOrDefault();
    }

    /// <summary>What each candidate saves alone, by the price of the budget.</summary>
    double[] Savings(PlannedSet none, PlanBudget budget)
    {
        double price = budget.Price(none.Cost);
        double[] alone = new double[Candidates.Count];
        // One that fits into no ring alone is no candidate: it saves less than nothing.
        for (int i = 0; i < alone.Length; i++)
        {
            alone[i] = Count([i]) is { } one ? price - budget.Price(one.Cost) : -price;
        }
        return alone;
    }
}
