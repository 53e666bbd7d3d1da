using Funion.Cryptography;

namespace Funion.Network;

/// <summary>What a document must satisfy beyond its form. An authority refuses to make, and a client to believe, one that does not.</summary>
public static class NetworkRules
{
    /// <summary>With fewer, the intermediates are the complement of the shards and betray the box.</summary>
    public const int DefaultReplicas = 8;

    /// <summary>Never fewer, whatever an operator asks for.</summary>
    public const int FewestReplicas = 4;

    /// <summary>A packet of 1,402 bytes more, in base64, still fits a queue message of 64 KiB.</summary>
    public const int LargestUserPayload = 47_750;

    /// <summary>A sentence for each rule that is broken; empty: none.</summary>
    /// <param name="document">Any document, from anyone.</param>
    /// <param name="fewestReplicas">At least <see cref="FewestReplicas"/>.</param>
    public static IReadOnlyList<string> Broken(NetworkDocument document, int fewestReplicas = DefaultReplicas)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentOutOfRangeException.ThrowIfLessThan(fewestReplicas, FewestReplicas);
        return [.. Nodes(document, fewestReplicas), .. document.Nodes.SelectMany(node => Node(document, node)),
            .. Times(document), .. Numbers(document), .. ModelRules.Broken(document), .. TokenRules.Broken(document)];
    }

    static IEnumerable<string> Nodes(NetworkDocument document, int fewestReplicas)
    {
        if (document.Name.Length is 0 or > 64 || !document.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            yield return "A network's name is 1 to 64 lower-case letters, digits and hyphens.";
        }

        if (document.Gateways.Count == 0)
        {
            yield return "The network needs a gateway.";
        }

        for (int layer = 1; layer <= 3; layer++)
        {
            if (document.Mixes(layer).Count == 0)
            {
                yield return $"Layer {layer} needs a mix.";
            }
        }

        if (document.Couriers.Count == 0)
        {
            yield return "The network needs a courier.";
        }

        IReadOnlyList<NodeDescriptor> replicas = document.Replicas;
        if (replicas.Count < fewestReplicas)
        {
            yield return $"The network has {replicas.Count} replicas and needs {fewestReplicas}.";
        }

        if (replicas.Select((replica, index) => replica.Index != index).Any(wrong => wrong))
        {
            yield return "Replica indices count from 0 without a gap.";
        }

        if (document.Nodes.Select(node => node.Id).Distinct().Count() != document.Nodes.Count)
        {
            yield return "Two nodes have the same id.";
        }

        if (document.Nodes.Select(node => (node.Role, node.Layer, node.Index)).Distinct().Count() != document.Nodes.Count)
        {
            yield return "Two nodes of one role and layer have the same index.";
        }
    }

    static IEnumerable<string> Node(NetworkDocument document, NodeDescriptor node)
    {
        byte[] id = new byte[NodeId.Size];
        Blake2b.Hash256(node.IdentityKey, id);
        if (!node.Id.AsSpan().SequenceEqual(id))
        {
            yield return $"Node {node.Id} is not named by its identity key.";
        }

        if (node.Role == NodeRole.Mix ? node.Layer is < 1 or > 3 : node.Layer != 0)
        {
            yield return $"Node {node.Id} stands in layer {node.Layer}: mixes have 1 to 3, others 0.";
        }

        (long first, long last) = Epochs(document, node.Role);
        if (!Covers(node.Keys, first, last) || (node.Role == NodeRole.Compute ? !Covers(node.JobKeys, first, last) : node.JobKeys.Count > 0))
        {
            yield return $"Node {node.Id} needs one key for each of the epochs {first} to {last}, compute a job key too.";
        }

        // User information or a query would be a place for a token; none stands in the document.
        if (node.Address.Length > 0 && !(Uri.TryCreate(node.Address, UriKind.Absolute, out Uri? url)
            && url.Scheme is "http" or "https" && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0))
        {
            yield return $"Node {node.Id} needs a plain http or https address, or none.";
        }
    }

    static IEnumerable<string> Times(NetworkDocument document)
    {
        if (document.ValidAfter >= document.ValidUntil || document.ValidUntil > document.EpochStart(document.Epoch + 2)
            || document.EpochAt(document.ValidAfter) != document.Epoch)
        {
            yield return $"The document begins in epoch {document.Epoch} and ends with the epoch after at the latest.";
        }
    }

    static IEnumerable<string> Numbers(NetworkDocument document)
    {
        if (document.Geometry is not { Hops: 5, UserPayload: > 0 and <= LargestUserPayload })
        {
            yield return $"A packet has 5 hops and a user payload of at most {LargestUserPayload} bytes.";
        }

        Rates rates = document.Rates;
        if (rates is not { MeanDelayMilliseconds: > 0, ClientPerKilosecond: > 0, LinkPerKilosecond: > 0, ComputePerKilosecond: > 0 })
        {
            yield return "The mean delay and the rates of clients, links and compute are above zero.";
        }

        int links = document.Couriers.Count * document.Replicas.Count;
        if (rates.LinkPerKilosecond < LeastLinkRate((long)document.Computes.Count * rates.ComputePerKilosecond, links))
        {
            yield return $"The links from couriers to replicas carry 0.8 λR each, {links} of them; compute alone would fill them with λC.";
        }

        if (!document.Mailbox.Satisfies(rates))
        {
            yield return "Polls times packets per poll is at least 1.5 times what a client or compute sends.";
        }

        AuthoritySet authorities = document.Authorities;
        if (authorities.Threshold < 1 || authorities.Threshold > authorities.Keys.Count)
        {
            yield return "The threshold lies between 1 and the number of authority keys.";
        }
    }

    /// <summary>
    /// The least λR, per 1,000 seconds, at which so many links from couriers to replicas carry what compute says, at a load of 0.8: every second of its
    /// slots is a new envelope, and a courier hands each to two replicas.
    /// </summary>
    public static int LeastLinkRate(long computePerKilosecond, int links) =>
        (int)Math.Min(int.MaxValue, ((10 * computePerKilosecond) + (8L * Math.Max(1, links)) - 1) / (8L * Math.Max(1, links)));

    /// <summary>Epochs for which a node of a role needs keys: this one and the next, or every replica epoch that these touch.</summary>
    /// <summary>The epochs for which a node of a role has keys in a document.</summary>
    public static (long First, long Last) Epochs(NetworkDocument document, NodeRole role) => role == NodeRole.Replica
        ? (document.ReplicaEpochAt(document.EpochStart(document.Epoch)),
            document.ReplicaEpochAt(document.EpochStart(document.Epoch + 2) - TimeSpan.FromTicks(1)))
        : (document.Epoch, document.Epoch + 1);

    // No loop over the epochs: a stranger's document could name very many.
    static bool Covers(IReadOnlyList<EpochKey> keys, long first, long last) =>
        keys.Zip(keys.Skip(1)).All(pair => pair.First.Epoch < pair.Second.Epoch) && keys.All(key => key.PublicKey.Length == 32)
        && keys.Count(key => key.Epoch >= first && key.Epoch <= last) == last - first + 1;
}
