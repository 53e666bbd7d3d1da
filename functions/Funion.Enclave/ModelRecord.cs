using Funion.Cryptography;
using Funion.Private.Enclaves;
using Funion.Private.Hidden;
using Funion.Private.Networks;

namespace Funion.Enclave;

/// <summary>What is kept of one model: its policy, the seed of its key, what its owner sealed, and who has asked how often.</summary>
sealed class ModelRecord(Bytes32 name, EnclavePolicy policy, Bytes32 publicKey, SecretBytes seed) : IDisposable
{
    readonly Dictionary<Bytes32, int> _users = [];

    /// <summary>Of policy and public key.</summary>
    public Bytes32 Name { get; } = name;

    public EnclavePolicy Policy { get; } = policy;

    /// <summary>BLAKE2b-256 of the public key that was given out.</summary>
    public Bytes32 PublicKey { get; } = publicKey;

    /// <summary>Seed of the lattice key.</summary>
    public SecretBytes Seed { get; } = seed;

    /// <summary>What the owner sealed, or nothing yet: hash of the weights, network.</summary>
    public byte[] Provision { get; private set; } = [];

    /// <summary>The model, once it was provided.</summary>
    public EnclaveModel? Model { get; private set; }

    /// <summary>Takes what the owner sealed; false when it is no model.</summary>
    public bool Provide(ReadOnlySpan<byte> provision)
    {
        if (provision.Length <= Bytes32.Size || NetworkCode.TryRead(provision[Bytes32.Size..]) is not { } network
            || (Policy.IsHidden && network.Modulus.Bits != Policy.Bits))
        {
            return false;
        }
        Model?.Dispose();
        try
        {
            ModelKey? key = Policy.IsHidden ? new ModelKey(new HiddenParameters(network.Modulus), Seed.Span) : null;
            Model = new EnclaveModel(network, key, new Bytes32(provision[..Bytes32.Size]));
        }
        catch (ArgumentException)
        {
            // Too much noise, or too large: layouts say so when they are made.
            return false;
        }
        Provision = provision.ToArray();
        return true;
    }

    /// <summary>Whether this one may ask now; takes one question off what is granted.</summary>
    public EnclaveRefusal Admit(in Bytes32 user)
    {
        bool named = Policy.Users.Count > 0;
        if (named && !Policy.Users.Contains(user))
        {
            return EnclaveRefusal.NotAllowed;
        }
        // Without names all questions count together.
        Bytes32 who = named ? user : default;
        int questions = _users.GetValueOrDefault(who);
        if (questions >= Policy.Questions)
        {
            return EnclaveRefusal.QuotaSpent;
        }
        _users[who] = questions + 1;
        return EnclaveRefusal.None;
    }

    public void Write(BinaryWriter writer)
    {
        byte[] policy = Policy.ToBytes();
        writer.Write(Name.AsSpan());
        writer.Write(policy.Length);
        writer.Write(policy);
        writer.Write(PublicKey.AsSpan());
        writer.Write(Seed.Span);
        writer.Write(Provision.Length);
        writer.Write(Provision);
        writer.Write((ushort)_users.Count);
        foreach ((Bytes32 user, int questions) in _users)
        {
            writer.Write(user.AsSpan());
            writer.Write(questions);
        }
    }

    public static ModelRecord? TryRead(ref NumberReader reader)
    {
        Bytes32 name = reader.Bytes32();
        EnclavePolicy? policy = EnclavePolicy.TryRead(reader.Sized());
        Bytes32 publicKey = reader.Bytes32();
        ReadOnlySpan<byte> seed = reader.Take(Bytes32.Size), provision = reader.Sized();
        if (policy is null || seed.IsEmpty)
        {
            return null;
        }
        ModelRecord record = new(name, policy, publicKey, new SecretBytes(seed));
        bool sound = provision.IsEmpty || record.Provide(provision);
        int users = reader.UInt16();
        for (int i = 0; i < users && sound; i++)
        {
            sound = record._users.TryAdd(reader.Bytes32(), reader.Int32());
        }
        if (!sound)
        {
            record.Dispose();
        }
        return sound ? record : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Seed.Dispose();
        Model?.Dispose();
    }
}
