namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>One round of a game: the secret bit, and what the adversary made of what he saw. A value that is not there is NaN.</summary>
sealed record Round(bool Secret, double[] Features);
