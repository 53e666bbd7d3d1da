using System.Diagnostics.CodeAnalysis;

namespace Funion.Network;

/// <summary>Makes documents: an authority collects descriptors, puts the parameters to them, and signs what satisfies the rules.</summary>
public static class NetworkAuthority
{
    /// <summary>
    /// The next document of a network: version, chain hash, epoch and validity are filled in, the rest is taken from the draft.
    /// Keys of other epochs than the document's are left out.
    /// </summary>
    /// <param name="draft">Parameters, nodes and models.</param>
    /// <param name="previous">The version before, or null for the first.</param>
    /// <param name="validAfter">In the epoch that the document begins with; cut to whole seconds.</param>
    /// <param name="fewestReplicas">At least 4.</param>
    /// <param name="document">Not null exactly when no rule is broken.</param>
    /// <returns>The rules that are broken, a sentence each.</returns>
    public static IReadOnlyList<string> Make(
        NetworkDocument draft,
        NetworkDocument? previous,
        DateTimeOffset validAfter,
        int fewestReplicas,
        [MaybeNull] out NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(draft);
        long epoch = draft.EpochAt(validAfter);
        NetworkDocument next = draft with
        {
            Format = NetworkDocument.CurrentFormat,
            Version = (previous?.Version ?? 0) + 1,
            Previous = previous?.Hash() ?? new byte[NetworkDocument.HashSize],
            Epoch = epoch,
            ValidAfter = DateTimeOffset.FromUnixTimeSeconds(validAfter.ToUnixTimeSeconds()),
            ValidUntil = draft.EpochStart(epoch + 2),
        };
        next = next with
        {
            Nodes = [.. next.Nodes.Select(node => WithKeysOf(next, node))],
            Issuer = next.Issuer is { } issuer
                ? issuer with { Keys = [.. issuer.Keys.Where(key => key.Epoch >= epoch - 1 && key.Epoch <= epoch + 1)] }
                : null,
        };
        List<string> broken = [.. NetworkRules.Broken(next, fewestReplicas)];
        if (previous is not null && previous.Name != next.Name)
        {
            broken.Add($"The version before belongs to network {previous.Name}.");
        }

        document = broken.Count == 0 ? next : null;
        return broken;
    }

    /// <summary>A document that nobody has signed yet.</summary>
    public static SignedNetworkDocument Unsigned(NetworkDocument document) => new(document, []);

    static NodeDescriptor WithKeysOf(NetworkDocument document, NodeDescriptor node)
    {
        (long first, long last) = NetworkRules.Epochs(document, node.Role);
        return node with
        {
            Keys = [.. node.Keys.Where(key => key.Epoch >= first && key.Epoch <= last)],
            JobKeys = [.. node.JobKeys.Where(key => key.Epoch >= first && key.Epoch <= last)],
        };
    }
}
