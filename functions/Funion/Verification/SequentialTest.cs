namespace Funion.Verification;

/// <summary>
/// Wald's sequential probability ratio test of a model's accuracy over any number of rounds: whether it is the promised one, or one that is no better than
/// a substitute. It ends with a verdict as soon as the evidence suffices, and its errors are bounded however long it runs.
/// <code>
/// evidence = Σ right · ln(p1/p0) + wrong · ln((1-p1)/(1-p0));  substitute at ≥ ln((1-β)/α), promised at ≤ ln(β/(1-α))
/// </code>
/// References: Wald, Sequential Tests of Statistical Hypotheses (1945).
/// </summary>
/// <param name="Promised">p0: accuracy that was promised.</param>
/// <param name="Substitute">p1 &lt; p0: accuracy that must be noticed.</param>
/// <param name="FalseAlarm">α: the chance that a model as good as promised is called a substitute.</param>
/// <param name="Miss">β: the chance that a substitute is called the promised one.</param>
public sealed record SequentialTest(double Promised, double Substitute, double FalseAlarm = 1e-4, double Miss = 1e-2)
{
    /// <summary>
    /// The test that the ledger makes of a promise: a substitute makes five times as many mistakes, though at least 5 and at most 10 of a hundred more.
    /// </summary>
    public static SequentialTest Of(double promised) =>
        new(promised, Math.Max(promised / 2, promised - Math.Clamp(4 * (1 - promised), 0.05, 0.1)));

    /// <summary>What the evidence so far says.</summary>
    /// <param name="right">Labelled samples that were right, of all rounds.</param>
    /// <param name="asked">All labelled samples.</param>
    public AccuracyVerdict Judge(long right, long asked) => Decide(Weigh(right, asked));

    /// <summary>The evidence of some samples; that of more samples is the sum.</summary>
    public double Weigh(long right, long asked)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfLessThan(asked, right);
        if (!(0 < Substitute && Substitute < Promised && Promised < 1 && 0 < FalseAlarm && FalseAlarm < 0.5 && 0 < Miss && Miss < 0.5))
        {
            throw new InvalidOperationException("A sequential test is between two accuracies, the promised one the larger, with errors below a half.");
        }
        return (right * Math.Log(Substitute / Promised)) + ((asked - right) * Math.Log((1 - Substitute) / (1 - Promised)));
    }

    /// <summary>What so much evidence says.</summary>
    public AccuracyVerdict Decide(double evidence) => evidence >= Math.Log((1 - Miss) / FalseAlarm) ? AccuracyVerdict.Substitute
        : evidence <= Math.Log(Miss / (1 - FalseAlarm)) ? AccuracyVerdict.AsPromised
        : AccuracyVerdict.Undecided;
}
