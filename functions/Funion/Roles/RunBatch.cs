namespace Funion.Roles;

/// <summary>
/// Runs one batch of one model. Each input is what a client uploaded, unchecked; each answer is encoded, tensors or a failure code, and at most
/// as large as the model's n_out boxes hold. Never throws for an input.
/// </summary>
/// <param name="model">The model's name.</param>
/// <param name="inputs">One per job, in the batch's order.</param>
/// <param name="cancellation">Ends the process's work.</param>
public delegate ValueTask<IReadOnlyList<byte[]>> RunBatch(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation);
