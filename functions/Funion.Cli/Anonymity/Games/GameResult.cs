using Funion.Cli.Anonymity.Distinguishers;

namespace Funion.Cli.Anonymity.Games;

/// <summary>What the best distinguisher made of the held-out rounds.</summary>
/// <param name="Game">The game.</param>
/// <param name="Protection">Whether it was on.</param>
/// <param name="Rounds">Held-out rounds.</param>
/// <param name="Advantage">With its interval.</param>
/// <param name="Distinguisher">Which was chosen.</param>
sealed record GameResult(string Game, bool Protection, int Rounds, Advantage Advantage, string Distinguisher);
