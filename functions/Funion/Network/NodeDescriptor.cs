using System.Diagnostics.CodeAnalysis;

namespace Funion.Network;

/// <summary>What the network document says of one node.</summary>
public sealed record NodeDescriptor
{
    /// <summary>BLAKE2b-256 of <see cref="IdentityKey"/>.</summary>
    public required NodeId Id { get; init; }

    /// <summary>What the node does.</summary>
    public required NodeRole Role { get; init; }

    /// <summary>1 to 3 for a mix, 0 for every other role.</summary>
    public int Layer { get; init; }

    /// <summary>Ed25519, 32 bytes; signs hops between operators.</summary>
    public required byte[] IdentityKey { get; init; }

    /// <summary>Sphinx KEM keys by network epoch; of a replica, MKEM keys by replica epoch. Ascending.</summary>
    public required IReadOnlyList<EpochKey> Keys { get; init; }

    /// <summary>Compute only: sealed-box keys by network epoch, to which jobs are sealed. Ascending.</summary>
    public IReadOnlyList<EpochKey> JobKeys { get; init; } = [];

    /// <summary>Base URL, or empty where the network lives in one process.</summary>
    public string Address { get; init; } = "";

    /// <summary>Counts up from 0 within role and layer; of a replica it is the id that messages carry.</summary>
    public int Index { get; init; }

    /// <summary>Name for people, storage and settings, unique in a network: gateway-0, mix-2-1 (layer, index), replica-5.</summary>
    public string Name => NameOf(Role, Layer, Index);

    /// <summary>The name of the node in that place.</summary>
    public static string NameOf(NodeRole role, int layer, int index) =>
        role == NodeRole.Mix ? $"mix-{layer}-{index}" : $"{DocumentJson.RoleName(role)}-{index}";

    /// <summary>The key for an epoch, if the document lists one.</summary>
    public bool TryGetKey(long epoch, [NotNullWhen(true)] out byte[]? publicKey) => TryFind(Keys, epoch, out publicKey);

    /// <summary>Compute's job key for an epoch, if the document lists one.</summary>
    public bool TryGetJobKey(long epoch, [NotNullWhen(true)] out byte[]? publicKey) => TryFind(JobKeys, epoch, out publicKey);

    static bool TryFind(IReadOnlyList<EpochKey> keys, long epoch, [NotNullWhen(true)] out byte[]? publicKey)
    {
        publicKey = keys.FirstOrDefault(key => key.Epoch == epoch)?.PublicKey;
        return publicKey is not null;
    }
}
