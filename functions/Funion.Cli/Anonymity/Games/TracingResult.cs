namespace Funion.Cli.Anonymity.Games;

/// <summary>What an observer of all wires lacks who follows one packet.</summary>
/// <param name="Clients">Always-on clients, compute apart.</param>
/// <param name="MeanMilliseconds">1/μ.</param>
/// <param name="PacketsPerDelay">λ/μ: packets that a mix takes in while one waits.</param>
/// <param name="Bits">Entropy, on average.</param>
/// <param name="WorstBits">That of the worst twentieth.</param>
sealed record TracingResult(int Clients, int MeanMilliseconds, double PacketsPerDelay, double Bits, double WorstBits);
