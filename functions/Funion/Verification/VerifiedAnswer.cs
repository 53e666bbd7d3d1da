namespace Funion.Verification;

/// <summary>What came of a round of mix-and-check.</summary>
/// <param name="Outputs">Of the queries, in their order; null: aborted. Why is nobody's business but the client's own ledger's.</param>
/// <param name="Correct">Labelled samples that were right: evidence of how good the model is, whatever became of the round.</param>
/// <param name="Labelled">Labelled samples that were asked.</param>
public sealed record VerifiedAnswer(IReadOnlyList<ReadOnlyMemory<byte>>? Outputs, int Correct, int Labelled);
