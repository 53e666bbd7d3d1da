using Funion.Network;

namespace Funion.Tokens;

/// <summary>A client's unspent tokens, by epoch and compute node. May be used from any thread.</summary>
public abstract class TokenWallet : TokenSource
{
    /// <summary>How many are left for an epoch at a compute node.</summary>
    public abstract int Count(NodeId compute, long epoch);

    /// <summary>Whether an epoch's batch has come.</summary>
    public abstract bool HasBatch(long epoch);

    /// <summary>
    /// The right to ask for a batch and to add it, until disposed of; null while another process has it: two that asked with one batch would both have its
    /// tokens, and a token that pays twice links what it pays for.
    /// </summary>
    internal virtual IDisposable? TryBegin() => Nobody.Else;

    /// <summary>Takes an epoch's batch over, unless it is there, and forgets the epochs before the one that is kept.</summary>
    /// <exception cref="IOException">They cannot be kept; the batch may be asked for again.</exception>
    public abstract void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom);

    /// <summary>
    /// Remembers a batch before it is asked for: an issuer grants one an epoch, and that one again. A process that died in between asks with the same bytes.
    /// </summary>
    internal virtual void Keep(PendingBatch pending)
    {
    }

    /// <summary>The batch of an epoch that was under way; null when none was, or the document has another key by now.</summary>
    internal virtual PendingBatch? Kept(NetworkDocument document, long epoch) => null;

    sealed class Nobody : IDisposable
    {
        public static Nobody Else { get; } = new();

        public void Dispose()
        {
        }
    }
}
