using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// Every rate, key and size of a network, for one epoch and the next. Its canonical bytes (<see cref="CanonicalJson"/>) are what
/// authorities sign. Keys of nodes are listed for <see cref="Epoch"/> and the one after; the document is valid until the end of that.
/// </summary>
public sealed record NetworkDocument
{
    /// <summary>The one format there is.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Length of <see cref="Previous"/> in bytes.</summary>
    public const int HashSize = 32;

    /// <summary>Where both kinds of epoch are counted from.</summary>
    public static readonly DateTimeOffset DefaultOrigin = new(2017, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Layout of the document.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Names the network; a pin names it too.</summary>
    public required string Name { get; init; }

    /// <summary>Counts up by one with every document of the network.</summary>
    public required long Version { get; init; }

    /// <summary>The first epoch that the document serves.</summary>
    public required long Epoch { get; init; }

    /// <summary>Start of epoch 0; whole seconds.</summary>
    public DateTimeOffset EpochOrigin { get; init; } = DefaultOrigin;

    /// <summary>Length of an epoch; whole seconds.</summary>
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Start of replica epoch 0; whole seconds.</summary>
    public DateTimeOffset ReplicaEpochOrigin { get; init; } = DefaultOrigin;

    /// <summary>Length of a replica epoch; whole seconds.</summary>
    public TimeSpan ReplicaEpochLength { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Not before; whole seconds.</summary>
    public required DateTimeOffset ValidAfter { get; init; }

    /// <summary>Not at or after; whole seconds.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>BLAKE2b-256 of the canonical bytes of the version before; zeros in version 1.</summary>
    public byte[] Previous { get; init; } = new byte[HashSize];

    /// <summary>Packet sizes.</summary>
    public required GeometryParameters Geometry { get; init; }

    /// <summary>Rates.</summary>
    public Rates Rates { get; init; } = new();

    /// <summary>How long past its due time a packet is still forwarded.</summary>
    public int SlackMilliseconds { get; init; } = 30_000;

    /// <summary>Polls.</summary>
    public MailboxParameters Mailbox { get; init; } = new();

    /// <summary>All nodes, ordered by id in canonical form.</summary>
    public required IReadOnlyList<NodeDescriptor> Nodes { get; init; }

    /// <summary>What can be asked, ordered by name in canonical form.</summary>
    public IReadOnlyList<ModelEntry> Models { get; init; } = [];

    /// <summary>Who grants the tokens that jobs are paid with; null, as a rule: none are demanded.</summary>
    public IssuerEntry? Issuer { get; init; }

    /// <summary>Who signs.</summary>
    public required AuthoritySet Authorities { get; init; }

    /// <summary><see cref="SlackMilliseconds"/> as a time.</summary>
    public TimeSpan Slack => TimeSpan.FromMilliseconds(SlackMilliseconds);

    /// <summary>Gateways by index.</summary>
    public IReadOnlyList<NodeDescriptor> Gateways => WithRole(NodeRole.Gateway);

    /// <summary>Couriers by index.</summary>
    public IReadOnlyList<NodeDescriptor> Couriers => WithRole(NodeRole.Courier);

    /// <summary>Replicas by index, which is their id.</summary>
    public IReadOnlyList<NodeDescriptor> Replicas => WithRole(NodeRole.Replica);

    /// <summary>Compute nodes by index.</summary>
    public IReadOnlyList<NodeDescriptor> Computes => WithRole(NodeRole.Compute);

    /// <summary>The mixes of layer 1, 2 or 3 by index.</summary>
    public IReadOnlyList<NodeDescriptor> Mixes(int layer) => [.. WithRole(NodeRole.Mix).Where(node => node.Layer == layer)];

    /// <summary>The node with this id, or null.</summary>
    public NodeDescriptor? Node(NodeId id) => Nodes.FirstOrDefault(node => node.Id == id);

    /// <summary>The model with this name, or null.</summary>
    public ModelEntry? Model(string name) => Models.FirstOrDefault(model => model.Name == name);

    /// <summary>
    /// Whether a model is asked through its enclave and in no other way: its owner keeps the file, and so its hash is that of the entry that carries its questions.
    /// </summary>
    public bool IsHidden(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Enclave is { } enclave && Model(enclave.Model)?.Sha256 == model.Sha256;
    }

    /// <summary>Whether an entry carries another one's questions, to two parties or to an enclave: nobody asks it by its name.</summary>
    public bool IsCarrier(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return TwoPartyEntry.IsJobs(model.Name) || Models.Any(other => other.Enclave?.Model == model.Name);
    }

    /// <summary>The network epoch at a time.</summary>
    public long EpochAt(DateTimeOffset time) => EpochClock.At(time, EpochOrigin, EpochLength);

    /// <summary>The replica epoch at a time.</summary>
    public long ReplicaEpochAt(DateTimeOffset time) => EpochClock.At(time, ReplicaEpochOrigin, ReplicaEpochLength);

    /// <summary>
    /// How long after an epoch's end its keys still open what was under way: a packet at its slowest, and a job that waited, ran and overran. Then they are
    /// wiped. As long before an epoch's start its keys are taken too, for clocks differ.
    /// </summary>
    public TimeSpan KeyGrace
    {
        get
        {
            TimeSpan packets = (Geometry.Hops * 30 * Rates.MeanDelay) + Slack + TimeSpan.FromMinutes(5);
            TimeSpan jobs = TimeSpan.FromMilliseconds(Models.Select(model => (model.MaxOverruns + 4.0) * model.BucketsMilliseconds.Max()).DefaultIfEmpty(0).Max());
            TimeSpan grace = packets + jobs;
            return grace < EpochLength / 2 ? grace : EpochLength / 2;
        }
    }

    /// <summary>Whether packets under an epoch's keys are taken at a time.</summary>
    public bool AcceptsEpoch(long epoch, DateTimeOffset now)
    {
        long at = EpochAt(now);
        return epoch == at || (epoch == at - 1 && now < EpochStart(at) + KeyGrace) || (epoch == at + 1 && now >= EpochStart(at + 1) - KeyGrace);
    }

    /// <summary>The first epoch of which a node of a role still needs the keys.</summary>
    public long FirstKeptEpoch(NodeRole role, DateTimeOffset now)
    {
        if (role == NodeRole.Replica)
        {
            long replica = ReplicaEpochAt(now);
            return now < ReplicaEpochStart(replica) + KeyGrace ? replica - 1 : replica;
        }
        long epoch = EpochAt(now);
        return now < EpochStart(epoch) + KeyGrace ? epoch - 1 : epoch;
    }

    /// <summary>When a network epoch begins.</summary>
    public DateTimeOffset EpochStart(long epoch) => EpochClock.Start(epoch, EpochOrigin, EpochLength);

    /// <summary>When a replica epoch begins.</summary>
    public DateTimeOffset ReplicaEpochStart(long epoch) => EpochClock.Start(epoch, ReplicaEpochOrigin, ReplicaEpochLength);

    /// <summary>The bytes that are signed and hashed.</summary>
    public byte[] ToBytes() => CanonicalJson.Encode(DocumentJson.Write(this));

    /// <summary>BLAKE2b-256 of <see cref="ToBytes"/>: what the next version names, and what is compared through a second gateway.</summary>
    public byte[] Hash()
    {
        byte[] hash = new byte[HashSize];
        Blake2b.Hash256(ToBytes(), hash);
        return hash;
    }

    /// <summary>Reads canonical bytes. Says nothing of signatures, time or rules: <c>NetworkTrust</c> does.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NetworkDocument? document)
    {
        document = CanonicalJson.TryParse(bytes, out JsonElement json) ? DocumentReader.Read(json) : null;
        // Nodes in another order are another text of the same document: one document has one encoding.
        return document is not null && bytes.SequenceEqual(document.ToBytes());
    }

    IReadOnlyList<NodeDescriptor> WithRole(NodeRole role) => [.. Nodes.Where(node => node.Role == role).OrderBy(node => node.Index)];
}
