using Funion.Inference;

namespace Funion.Inference.App;

/// <summary>What an activity is told: which bucket, and what was decided for a boundary in references that mean something to compute alone.</summary>
public sealed record BucketCall(string Model, long BucketMilliseconds, BucketTurn Turn);
