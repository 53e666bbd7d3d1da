using Funion.Bacap;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Pigeonhole;

/// <summary>
/// Which replicas hold a box: the K = 2 with the smallest BLAKE2b-256(replica identity key ‖ box id), over all configured replicas whether or not they
/// are up. References: Echomix (arXiv 2501.02933), section 5.
/// </summary>
public sealed class ShardMap
{
    /// <summary>Copies of every box.</summary>
    public const int Copies = 2;

    readonly NodeDescriptor[] _replicas;

    /// <summary>Maps over a document's replicas.</summary>
    public ShardMap(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Document = document;
        _replicas = [.. document.Replicas];
        ArgumentOutOfRangeException.ThrowIfLessThan(_replicas.Length, Copies, nameof(document));
    }

    /// <summary>The document whose replicas these are.</summary>
    public NetworkDocument Document { get; }

    /// <summary>The two replicas that hold a box, the nearer first.</summary>
    public (NodeDescriptor First, NodeDescriptor Second) ShardsOf(BoxId id)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256], best = stackalloc byte[Blake2b.Size256], next = stackalloc byte[Blake2b.Size256];
        best.Fill(0xff);
        next.Fill(0xff);
        NodeDescriptor? first = null, second = null;
        foreach (NodeDescriptor replica in _replicas)
        {
            Blake2b.Hash256(replica.IdentityKey, id.AsSpan(), hash);
            if (first is null || hash.SequenceCompareTo(best) < 0)
            {
                best.CopyTo(next);
                second = first;
                hash.CopyTo(best);
                first = replica;
            }
            else if (second is null || hash.SequenceCompareTo(next) < 0)
            {
                hash.CopyTo(next);
                second = replica;
            }
        }
        return (first!, second!);
    }

    /// <summary>
    /// Two different intermediates, uniform over <b>all</b> replicas. Were the shards left out, the pair would tell the courier which two are not, and
    /// link a writer to a reader.
    /// </summary>
    public (NodeDescriptor First, NodeDescriptor Second) DrawIntermediates(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int first = random.Below(_replicas.Length);
        int second = random.Below(_replicas.Length - 1);
        return (_replicas[first], _replicas[second >= first ? second + 1 : second]);
    }
}
