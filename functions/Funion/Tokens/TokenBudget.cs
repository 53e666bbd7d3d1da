namespace Funion.Tokens;

/// <summary>
/// An operator's policy: who may get how many tokens for an epoch. The one place that knows who somebody is. A batch that comes again, because its answer
/// was lost, must be granted again and counted once: the same requests get the same signatures.
/// </summary>
/// <param name="client">Who asks, in the operator's own terms: an account, a certificate, an invitation.</param>
/// <param name="epoch">For which epoch.</param>
/// <param name="count">How many.</param>
/// <param name="batch">Hash of the batch: equal when it comes again.</param>
/// <param name="cancellation">Ends the question.</param>
public delegate ValueTask<bool> TokenBudget(string client, long epoch, int count, Bytes32 batch, CancellationToken cancellation);
