using Funion.Mixing;

namespace Funion.Roles;

/// <summary>One (model, bucket) that compute offers, as the network document names it.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Grid">The bucket's boundaries.</param>
/// <param name="Batch">Public batch size.</param>
/// <param name="Overruns">Boundaries a job may miss before it fails.</param>
/// <param name="InputBoxes">n_in.</param>
/// <param name="OutputBoxes">n_out.</param>
public sealed record ComputeOffering(string Model, BucketGrid Grid, int Batch, int Overruns, int InputBoxes, int OutputBoxes);
