using Funion.Mixing;

namespace Funion.Verification;

/// <summary>What goes into one round of mix-and-check. Inputs are all of one size and shape, or the server knows them apart.</summary>
public sealed record VerifiedQuestion
{
    /// <summary>The plan for so many queries.</summary>
    public required VerificationPlan Plan { get; init; }

    /// <summary>R inputs.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Queries { get; init; }

    /// <summary>
    /// T public inputs with the promised model's own certified outputs, drawn for this round, and how far an answer to each may be from that: each what its own pool
    /// states, so that no pool loosens another. None may be missed.
    /// </summary>
    public required IReadOnlyList<(ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, double Slack)> Integrity { get; init; }

    /// <summary>
    /// Labelled public inputs, which say how good the promised model is. They may be missed up to the bar, and do not weaken the bound: choosing k B + j of
    /// all n + A positions is at least as many choices as k B of n times j of A.
    /// </summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Input, int Label)> Accuracy { get; init; } = [];

    /// <summary>How many of the labelled ones must be right.</summary>
    public int AccuracyBar { get; init; }

    /// <summary>Reads the label out of an output; null when it says none.</summary>
    public Func<ReadOnlyMemory<byte>, int?> LabelOf { get; init; } = _ => null;

    /// <summary>
    /// Answers that were given to the queries before, one run each, and which the copies must confirm; one that is empty was not, and neither were any where the
    /// list is. Whoever gave them knows that these runs were of queries, so they count for nothing: the bound is that of the B copies of this round.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Earlier { get; init; } = [];

    /// <summary>How many providers of the same model the runs are spread over, each as likely for each run. One that cheats sees fewer, and the bound holds.</summary>
    public int Providers { get; init; } = 1;

    /// <summary>What every input, query and sample alike, is moved by on its way, and what copies may differ by. Nothing where inputs are hidden.</summary>
    public Tolerance Tolerance { get; init; }

    /// <summary>Draws the noise; order and providers are always the system's.</summary>
    public RandomSource Noise { get; init; } = RandomSource.System;
}
