using Funion.Inference;

namespace Funion.Inference.App;

/// <summary>What an orchestration carries from one boundary to the next: names that the network document publishes, and times. Nothing of any job.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="BucketMilliseconds">The bucket.</param>
/// <param name="LeadMilliseconds">How long before a boundary its timer is due.</param>
/// <param name="State">Of the loop.</param>
public sealed record BucketInput(string Model, long BucketMilliseconds, long LeadMilliseconds, BucketLoopState State);
