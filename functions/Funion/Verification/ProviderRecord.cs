namespace Funion.Verification;

/// <summary>What a client knows of one provider's word on one model, over all its rounds. Nothing of when, nor of what was asked.</summary>
public sealed record ProviderRecord
{
    /// <summary>The provider.</summary>
    public required Bytes32 Provider { get; init; }

    /// <summary>SHA-256 of the model's file.</summary>
    public required Bytes32 Model { get; init; }

    /// <summary>Rounds that were begun with it, noted before it was asked anything: what is more than <see cref="Rounds"/> never ended, whoever was to blame.</summary>
    public long Begun { get; init; }

    /// <summary>Rounds in which it was asked, and those of them that ended in an abort, whoever of the providers asked was to blame.</summary>
    public long Rounds { get; init; }

    /// <summary>Rounds that were aborted.</summary>
    public long Aborted { get; init; }

    /// <summary>Runs, all kinds.</summary>
    public long Asked { get; init; }

    /// <summary>Runs without an answer.</summary>
    public long Unanswered { get; init; }

    /// <summary>Certified samples.</summary>
    public long Certified { get; init; }

    /// <summary>Certified samples with another answer than the certified one.</summary>
    public long Missed { get; init; }

    /// <summary>Labelled samples.</summary>
    public long Labelled { get; init; }

    /// <summary>Labelled samples that were right.</summary>
    public long Right { get; init; }

    /// <summary>The sequential test's evidence since it last began.</summary>
    public double Evidence { get; init; }

    /// <summary>How often the test ended with the model being as promised, and began again: a provider may change its model.</summary>
    public long Confirmed { get; init; }

    /// <summary>A substitute once is one for good; otherwise what the last test that ended said.</summary>
    public AccuracyVerdict Verdict { get; init; }

    /// <summary>With one more round. Each test has its own chance α of a false alarm.</summary>
    /// <param name="round">What the round says of this provider.</param>
    /// <param name="aborted">Whether it ended in an abort.</param>
    /// <param name="promised">The accuracy that the round's samples promise; 0: there were no labelled ones.</param>
    public ProviderRecord With(ProviderEvidence round, bool aborted, double promised)
    {
        ArgumentNullException.ThrowIfNull(round);
        SequentialTest? test = round.Labelled > 0 ? SequentialTest.Of(promised) : null;
        double evidence = Evidence + (test?.Weigh(round.Right, round.Labelled) ?? 0);
        AccuracyVerdict now = test?.Decide(evidence) ?? AccuracyVerdict.Undecided;
        return this with
        {
            Rounds = Rounds + 1, Aborted = Aborted + (aborted ? 1 : 0), Asked = Asked + round.Asked, Unanswered = Unanswered + round.Unanswered,
            Certified = Certified + round.Certified, Missed = Missed + round.Missed, Labelled = Labelled + round.Labelled, Right = Right + round.Right,
            Evidence = now == AccuracyVerdict.AsPromised ? 0 : evidence, Confirmed = Confirmed + (now == AccuracyVerdict.AsPromised ? 1 : 0),
            Verdict = Verdict == AccuracyVerdict.Substitute || now == AccuracyVerdict.Undecided ? Verdict : now,
        };
    }
}
