namespace Funion.Verification;

/// <summary>What came of a round of mix-and-check.</summary>
/// <param name="Outputs">Of the queries, in their order; null: aborted. Why is nobody's business but the client's own ledger's.</param>
/// <param name="Contradicted">Whether an answer that came was wrong, or too few were right. Otherwise an aborted round only lacks answers, and may be asked again.</param>
/// <param name="Evidence">Of each provider that was asked, whatever became of the round.</param>
public sealed record VerifiedAnswer(IReadOnlyList<ReadOnlyMemory<byte>>? Outputs, bool Contradicted, IReadOnlyList<ProviderEvidence> Evidence)
{
    /// <summary>Labelled samples that were right.</summary>
    public int Correct => Evidence.Sum(evidence => evidence.Right);

    /// <summary>Labelled samples that were asked.</summary>
    public int Labelled => Evidence.Sum(evidence => evidence.Labelled);
}
