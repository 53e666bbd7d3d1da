namespace Funion.Cli.Planning;

/// <summary>Something that has a documented limit, and what the smallest deployment asks of it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Demand">Per second.</param>
/// <param name="Limit">Per second.</param>
/// <param name="Then">What to do when it breaks.</param>
sealed record PlanLimit(string Name, double Demand, double Limit, string Then)
{
    public double Load => Demand / Limit;
}
