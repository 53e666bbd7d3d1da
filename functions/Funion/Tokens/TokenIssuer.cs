namespace Funion.Tokens;

/// <summary>
/// Grants tokens. It knows whom it grants them to, and nothing of what becomes of them: all of a batch is signed, or nothing, with the one key that
/// everybody's tokens of that epoch are signed with. Stands behind any transport; it keeps no state of its own.
/// </summary>
/// <param name="keys">Its keys. The caller's to dispose.</param>
/// <param name="budget">The operator's policy.</param>
public sealed class TokenIssuer(IssuerKeys keys, TokenBudget budget)
{
    /// <summary>Answers a batch. Never throws for what a client sent; throws what the budget throws.</summary>
    /// <param name="client">Who asks, for the budget.</param>
    /// <param name="batch">A <see cref="TokenBatch"/>.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async ValueTask<byte[]> IssueAsync(string client, ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        if (TokenBatch.TryRead(batch.Span) is not var (epoch, count))
        {
            return [(byte)IssueOutcome.Malformed];
        }
        byte[] answer = new byte[TokenBatch.AnswerSize(count)];
        answer[0] = (byte)await IssueAsync(client, epoch, count, batch, answer, cancellation);
        if (answer[0] != (byte)IssueOutcome.Issued)
        {
            answer.AsSpan(1).Clear();
        }
        return answer;
    }

    async ValueTask<IssueOutcome> IssueAsync(
        string client, long epoch, int count, ReadOnlyMemory<byte> batch, byte[] answer, CancellationToken cancellation)
    {
        if (keys.Find(epoch) is not { } key || !Enumerable.Range(0, count).All(i => PendingToken.IsRequestFor(key.PublicKey, TokenBatch.Request(batch.Span, i))))
        {
            return IssueOutcome.UnknownKey;
        }
        if (!await budget(client, epoch, count, TokenBatch.Hash(batch.Span), cancellation))
        {
            return IssueOutcome.NotGranted;
        }
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!key.TryRespond(TokenBatch.Request(batch.Span, i), answer.AsSpan()[TokenBatch.Response(i)]))
            {
                return IssueOutcome.Failed;
            }
        }
        return IssueOutcome.Issued;
    }
}
