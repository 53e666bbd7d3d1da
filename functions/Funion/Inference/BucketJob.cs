namespace Funion.Inference;

/// <summary>What the bucket clock knows of a job: no content, no capability.</summary>
/// <param name="Id">Names the job inside compute.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Since">
/// Arrival (fetching), completion of the input (complete), the boundary of its start (running), completion of the output (sealed).
/// </param>
/// <param name="Dummy">Sent by compute itself, to fill the batch.</param>
public sealed record BucketJob(Bytes32 Id, BucketStage Stage, DateTimeOffset Since, bool Dummy);
