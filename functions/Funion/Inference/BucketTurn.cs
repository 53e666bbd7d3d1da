namespace Funion.Inference;

/// <summary>What a boundary brings, in references that say nothing to anybody but compute.</summary>
/// <param name="Boundary">The boundary.</param>
/// <param name="Start">Jobs that start.</param>
/// <param name="Release">Jobs whose sealed boxes are released.</param>
/// <param name="Fail">Jobs that get an output that says so.</param>
public sealed record BucketTurn(DateTimeOffset Boundary, IReadOnlyList<string> Start, IReadOnlyList<string> Release, IReadOnlyList<string> Fail);
