namespace Funion.Cli.Planning;

/// <summary>What all nodes of a role (of a mix: of one layer) do together.</summary>
/// <param name="Name">For people.</param>
/// <param name="Operations">Storage operations in a second.</param>
/// <param name="Messages">Messages that come in, in a second.</param>
/// <param name="Least">The fewest nodes that the protocol or the standard network has.</param>
/// <param name="Groups">Of its functions, those that the plan scales each by itself and that cover never lets sleep.</param>
sealed record RolePlan(string Name, double Operations, double Messages, int Least, int Groups);
