using Funion.Network;

namespace Funion.Tokens;

/// <summary>
/// A client's batch between request and answer. It is always for a whole epoch and for every compute node alike: what is asked for must not depend on
/// what is going to be used.
/// </summary>
public sealed class PendingBatch : IDisposable
{
    readonly List<(NodeId Compute, PendingToken Token)> _pending;

    PendingBatch(long epoch, List<(NodeId, PendingToken)> pending)
    {
        Epoch = epoch;
        _pending = pending;
        Request = TokenBatch.Write(epoch, [.. pending.Select(token => token.Item2.Request)]);
    }

    /// <summary>For which epoch.</summary>
    public long Epoch { get; }

    /// <summary>Number of tokens.</summary>
    public int Count => _pending.Count;

    /// <summary>What the issuer is sent; the same again when no answer came.</summary>
    public byte[] Request { get; }

    /// <summary>
    /// Begins a batch, spread evenly over the compute nodes; null when the document has no sound key for the epoch, or no compute node.
    /// </summary>
    public static PendingBatch? TryCreate(NetworkDocument document, long epoch, int count)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, TokenBatch.Most);
        IReadOnlyList<NodeDescriptor> computes = document.Computes;
        if (document.Issuer is not { } issuer || !issuer.TryGetKey(epoch, out TokenKey? key) || computes.Count == 0)
        {
            return null;
        }
        List<(NodeId, PendingToken)> pending = [];
        for (int i = 0; i < count; i++)
        {
            NodeId compute = computes[i % computes.Count].Id;
            if (PendingToken.TryCreate(key, TokenChallenge.ForJob(document.Name, epoch, compute).Digest()) is not { } token)
            {
                pending.ForEach(begun => begun.Item2.Dispose());
                return null;
            }
            pending.Add((compute, token));
        }
        return new PendingBatch(epoch, pending);
    }

    /// <summary>
    /// The tokens of an answer; null for a refusal, a foreign answer, or one with a single bad signature: an issuer that spoils some tokens of some
    /// people marks them by what they use.
    /// </summary>
    public IReadOnlyList<(NodeId Compute, byte[] Token)>? TryFinish(ReadOnlySpan<byte> answer)
    {
        if (TokenBatch.OutcomeOf(answer, Count) != IssueOutcome.Issued)
        {
            return null;
        }
        List<(NodeId, byte[])> tokens = [];
        for (int i = 0; i < Count; i++)
        {
            if (!_pending[i].Token.TryFinish(answer[TokenBatch.Response(i)], out Token? token))
            {
                return null;
            }
            tokens.Add((_pending[i].Compute, token.ToBytes()));
        }
        return tokens;
    }

    /// <summary>Wipes what links the tokens to the batch.</summary>
    public void Dispose() => _pending.ForEach(pending => pending.Token.Dispose());
}
