using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// The secrets of one node: its identity, and a key for each epoch that is open. The file, mode 0600:
/// <code>
/// "funion-node-keys-v1\n" ‖ role u8 ‖ layer u8 ‖ index u16 ‖ Ed25519 seed 32
///   ‖ n u8 ‖ n × (epoch u64 ‖ X25519 private key 32) ‖ j u8 ‖ j × (epoch u64 ‖ X25519 private key 32) ‖ BLAKE2b-256 of these
/// </code>
/// Big-endian; epochs ascend. The first list is for Sphinx, of a replica for the MKEM; the second, of compute only, opens jobs.
/// </summary>
public sealed class NodeKeys : IDisposable
{
    readonly List<EpochSecret> _keys;
    readonly List<EpochSecret> _jobKeys;

    internal NodeKeys(NodeRole role, int layer, int index, SecretBytes seed, List<EpochSecret> keys, List<EpochSecret> jobKeys)
    {
        Role = role;
        Layer = layer;
        Index = index;
        IdentitySeed = seed;
        _keys = keys;
        _jobKeys = jobKeys;
        IdentityKey = new byte[Ed25519.PublicKeySize];
        Ed25519.PublicKey(seed.Span, IdentityKey);
        Span<byte> id = stackalloc byte[NodeId.Size];
        Blake2b.Hash256(IdentityKey, id);
        Id = new NodeId(id);
    }

    /// <summary>What the node does.</summary>
    public NodeRole Role { get; }

    /// <summary>1 to 3 for a mix, else 0.</summary>
    public int Layer { get; }

    /// <summary>Within role and layer.</summary>
    public int Index { get; }

    /// <summary>BLAKE2b-256 of the identity key.</summary>
    public NodeId Id { get; }

    /// <summary>Ed25519 seed.</summary>
    public SecretBytes IdentitySeed { get; }

    /// <summary>Ed25519 public key.</summary>
    public byte[] IdentityKey { get; }

    /// <summary>Sphinx keys by network epoch; of a replica, MKEM keys by replica epoch.</summary>
    public IReadOnlyList<EpochSecret> Keys => _keys;

    /// <summary>Compute's job keys by network epoch.</summary>
    public IReadOnlyList<EpochSecret> JobKeys => _jobKeys;

    /// <summary>A fresh node with keys for so many epochs from the first.</summary>
    public static NodeKeys Generate(NodeRole role, int layer, int index, long firstEpoch, int epochs)
    {
        if (role == NodeRole.Mix ? layer is < 1 or > 3 : layer != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(layer));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, ushort.MaxValue);
        SecretBytes seed = new(Ed25519.SeedSize);
        RandomNumberGenerator.Fill(seed.Span);
        NodeKeys keys = new(role, layer, index, seed, [], []);
        keys.Advance(firstEpoch, epochs);
        return keys;
    }

    /// <summary>
    /// Makes the keys that are missing of so many epochs from the first on, and wipes those of epochs before <paramref name="keepFrom"/>, null: before the
    /// first. What is wiped opens nothing any more.
    /// </summary>
    public void Advance(long firstEpoch, int epochs, long? keepFrom = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstEpoch);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epochs, 16);
        Advance(_keys, firstEpoch, epochs, keepFrom ?? firstEpoch);
        if (Role == NodeRole.Compute)
        {
            Advance(_jobKeys, firstEpoch, epochs, keepFrom ?? firstEpoch);
        }
    }

    /// <summary>What the network may know.</summary>
    public NodeDescriptor Describe(string address = "") => new()
    {
        Id = Id,
        Role = Role,
        Layer = Layer,
        Index = Index,
        IdentityKey = IdentityKey,
        Address = address,
        Keys = [.. _keys.Select(key => new EpochKey(key.Epoch, key.PublicKey))],
        JobKeys = [.. _jobKeys.Select(key => new EpochKey(key.Epoch, key.PublicKey))],
    };

    /// <summary>Writes the file, replacing another.</summary>
    public void Save(string path)
    {
        byte[] body = NodeKeysFormat.Write(this);
        try
        {
            SecretFile.Write(path, body);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    /// <summary>Reads the file.</summary>
    public static KeyFileOutcome Load(string path, [MaybeNull] out NodeKeys keys)
    {
        NodeKeys? loaded = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body => NodeKeysFormat.TryRead(body.Span, out loaded));
        keys = loaded;
        return outcome;
    }

    /// <summary>Reads the file's bytes, as a vault keeps them; null when they are none. The caller wipes them.</summary>
    public static NodeKeys? TryRead(ReadOnlyMemory<byte> file)
    {
        NodeKeys? read = null;
        return SecretFile.TryOpen(file, body => NodeKeysFormat.TryRead(body.Span, out read)) ? read : null;
    }

    /// <summary>Names the node, never its secrets.</summary>
    public override string ToString() => $"{Role} {Id}";

    /// <inheritdoc/>
    public void Dispose()
    {
        IdentitySeed.Dispose();
        _keys.ForEach(key => key.Dispose());
        _jobKeys.ForEach(key => key.Dispose());
    }

    static void Advance(List<EpochSecret> keys, long firstEpoch, int epochs, long keepFrom)
    {
        foreach (EpochSecret past in keys.Where(key => key.Epoch < keepFrom))
        {
            past.Dispose();
        }

        keys.RemoveAll(key => key.Epoch < keepFrom);
        for (long epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++)
        {
            if (keys.TrueForAll(key => key.Epoch != epoch))
            {
                keys.Add(EpochSecret.Generate(epoch));
            }
        }

        keys.Sort((left, right) => left.Epoch.CompareTo(right.Epoch));
    }
}
