using System.Buffers.Binary;
using Funion.Network;

namespace Funion.Tokens;

/// <summary>
/// A client's batch between request and answer. It is always for a whole epoch and for every compute node alike: what is asked for must not depend on
/// what is going to be used.
/// </summary>
public sealed class PendingBatch : IDisposable
{
    readonly List<(NodeId Compute, PendingToken Token)> _pending;

    const int Head = sizeof(long) + sizeof(ushort), EntrySize = NodeId.Size + PendingToken.RestSize;

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
    public static PendingBatch? TryCreate(NetworkDocument document, long epoch)
    {
        ArgumentNullException.ThrowIfNull(document);
        IReadOnlyList<NodeDescriptor> computes = document.Computes;
        if (document.Issuer is not { } issuer || !issuer.TryGetKey(epoch, out TokenKey? key) || computes.Count == 0)
        {
            return null;
        }
        List<(NodeId, PendingToken)> pending = [];
        for (int i = 0; i < issuer.Batch; i++)
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

    /// <summary>A batch as it was written; null for anything else, and when the document has another key for its epoch by now.</summary>
    internal static PendingBatch? TryParse(NetworkDocument document, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Head || BinaryPrimitives.ReadUInt16BigEndian(bytes[sizeof(long)..]) is not (>= 1 and <= TokenBatch.Most and var count)
            || bytes.Length != Head + (count * EntrySize) || document.Issuer is not { } issuer
            || !issuer.TryGetKey(BinaryPrimitives.ReadInt64BigEndian(bytes), out TokenKey? key))
        {
            return null;
        }
        List<(NodeId, PendingToken)> pending = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(Head + (i * EntrySize), EntrySize);
            if (PendingToken.TryParse(key, entry[NodeId.Size..]) is not { } token)
            {
                pending.ForEach(begun => begun.Item2.Dispose());
                return null;
            }
            pending.Add((new NodeId(entry[..NodeId.Size]), token));
        }
        return new PendingBatch(BinaryPrimitives.ReadInt64BigEndian(bytes), pending);
    }

    /// <summary>Writes it, for the client's own disk: epoch i64 BE ‖ n u16 BE ‖ n × (compute 32 ‖ token under way). The caller wipes it.</summary>
    internal byte[] ToBytes()
    {
        byte[] bytes = new byte[Head + (Count * EntrySize)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Epoch);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(sizeof(long)), (ushort)Count);
        for (int i = 0; i < Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(Head + (i * EntrySize), EntrySize);
            _pending[i].Compute.AsSpan().CopyTo(entry);
            _pending[i].Token.WriteTo(entry[NodeId.Size..]);
        }
        return bytes;
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
