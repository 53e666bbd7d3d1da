using Funion.Tokens;

namespace Funion.Network;

/// <summary>Every key and the unsigned document of a network on one machine: what `funion up`, `funion demo` and the tests start from.</summary>
public sealed class LocalNetworkPlan : IDisposable
{
    const string AuthorityFile = "authority.keys";

    /// <summary>The file of an issuer's keys within a folder.</summary>
    public const string IssuerFile = "issuer.keys";


    LocalNetworkPlan(NetworkDocument document, IReadOnlyList<NodeKeys> nodes, AuthorityKeys authority, IssuerKeys? issuer)
    {
        Issuer = issuer;
        Document = document;
        Nodes = nodes;
        Authority = authority;
        Trusted = new TrustedAuthorities(document.Name, 1, [authority.PublicKey]);
    }

    /// <summary>Satisfies <see cref="NetworkRules"/>.</summary>
    public NetworkDocument Document { get; private set; }

    /// <summary>Secrets of all nodes.</summary>
    public IReadOnlyList<NodeKeys> Nodes { get; }

    /// <summary>The one authority.</summary>
    public AuthorityKeys Authority { get; }

    /// <summary>The issuer's secrets, where tokens are demanded.</summary>
    public IssuerKeys? Issuer { get; }

    /// <summary>The pin that goes with it.</summary>
    public TrustedAuthorities Trusted { get; }

    /// <summary>The document with the authority's signature.</summary>
    public SignedNetworkDocument Sign() => NetworkAuthority.Unsigned(Document).AddSignature(Authority);

    /// <summary>Plans a network that begins now.</summary>
    /// <param name="options">Its size and parameters.</param>
    /// <param name="now">The time.</param>
    /// <param name="state">A folder whose keys are used again, and to which new ones are written; null keeps them in memory.</param>
    /// <param name="previous">The document of the run before, or null.</param>
    /// <exception cref="ArgumentException">The options break a rule; the message names it.</exception>
    /// <exception cref="IOException">A key file of the state is damaged, too open or cannot be written.</exception>
    public static LocalNetworkPlan Create(
        LocalNetworkOptions options, DateTimeOffset now, string? state = null, NetworkDocument? previous = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        AuthorityKeys authority = KeptAuthority(state) ?? AuthorityKeys.Generate();
        NetworkDocument draft = Draft(options, now, authority);
        (NodeKeys Keys, NodeDescriptor Descriptor)[] nodes = [.. Places(options).Select(place => Node(draft, place, options, state, now))];
        NodeId compute = nodes.FirstOrDefault(node => node.Keys.Role == NodeRole.Compute).Descriptor?.Id ?? default;
        IssuerKeys? issuer = options.TokensPerEpoch > 0 ? KeptIssuer(state, draft.Epoch) : null;
        draft = draft with
        {
            Nodes = [.. nodes.Select(node => node.Descriptor)],
            Issuer = issuer?.Describe(options.IssuerAddress, options.TokensPerEpoch, previous?.Issuer),
            Models = [.. options.Models.Select(model => model with { Compute = compute })],
        };
        IReadOnlyList<string> broken =
            NetworkAuthority.Make(draft, previous, now, NetworkRules.FewestReplicas, out NetworkDocument? document);
        LocalNetworkPlan plan = document is null
            ? throw new ArgumentException(string.Join(' ', broken))
            : new LocalNetworkPlan(document, [.. nodes.Select(node => node.Keys)], authority, issuer);
        if (state is not null)
        {
            plan.Save(state);
        }

        return plan;
    }

    /// <summary>
    /// The next document of the same network: new keys for the epochs to come, and the keys of an epoch whose grace is over wiped, here and in the state
    /// folder. The nodes must not run meanwhile.
    /// </summary>
    /// <returns>Whether there is a new document; false when only keys were wiped, or nothing was due.</returns>
    /// <exception cref="ArgumentException">The document breaks a rule.</exception>
    public bool Advance(DateTimeOffset now, string? state = null)
    {
        NetworkDocument draft = Document with { Epoch = Document.EpochAt(now), ValidAfter = now };
        bool turned = draft.Epoch > Document.Epoch;
        foreach (NodeKeys node in Nodes)
        {
            (long first, long last) = NetworkRules.Epochs(draft, node.Role);
            node.Advance(first, (int)(last - first) + 1, draft.FirstKeptEpoch(node.Role, now));
        }
        if (turned)
        {
            Issuer?.Advance(draft.Epoch, 2);
            draft = draft with { Issuer = Issuer?.Describe(Document.Issuer!.Address, Document.Issuer.Batch, Document.Issuer), Nodes = [.. Nodes.Select(node => node.Describe(Document.Node(node.Id)!.Address))] };
            IReadOnlyList<string> broken = NetworkAuthority.Make(draft, Document, now, NetworkRules.FewestReplicas, out NetworkDocument? next);
            Document = next ?? throw new ArgumentException(string.Join(' ', broken));
        }
        if (state is not null)
        {
            Save(state);
        }
        return turned;
    }

    /// <summary>When <see cref="Advance"/> has something to do again: an epoch turns, or the grace of one is over.</summary>
    public DateTimeOffset NextAdvance(DateTimeOffset now)
    {
        DateTimeOffset next = Document.EpochStart(Document.EpochAt(now) + 1);
        foreach (DateTimeOffset over in (DateTimeOffset[])
            [Document.EpochStart(Document.EpochAt(now)) + Document.KeyGrace, Document.ReplicaEpochStart(Document.ReplicaEpochAt(now)) + Document.KeyGrace])
        {
            next = over > now && over < next ? over : next;
        }
        return next;
    }

    /// <summary>The file of a node's keys within a state folder.</summary>
    public static string KeyFile(NodeRole role, int layer, int index) => NodeDescriptor.NameOf(role, layer, index) + ".keys";

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        Issuer?.Dispose();
        foreach (NodeKeys node in Nodes)
        {
            node.Dispose();
        }
    }

    void Save(string state)
    {
        Directory.CreateDirectory(state);
        Authority.Save(Path.Combine(state, AuthorityFile));
        Issuer?.Save(Path.Combine(state, IssuerFile));
        foreach (NodeKeys node in Nodes)
        {
            node.Save(Path.Combine(state, KeyFile(node.Role, node.Layer, node.Index)));
        }
    }

    static NetworkDocument Draft(LocalNetworkOptions options, DateTimeOffset now, AuthorityKeys authority) => new()
    {
        Name = options.Name,
        Version = 1,
        Epoch = EpochClock.At(now, NetworkDocument.DefaultOrigin, options.EpochLength),
        EpochLength = options.EpochLength,
        ValidAfter = now,
        ValidUntil = now,
        Geometry = new GeometryParameters(options.UserPayload),
        Rates = options.Rates,
        SlackMilliseconds = checked((int)options.Slack.TotalMilliseconds),
        Mailbox = options.Mailbox ?? MailboxParameters.For(options.Rates),
        Nodes = [],
        Authorities = new AuthoritySet(1, [authority.PublicKey]),
    };

    static IEnumerable<(NodeRole Role, int Layer, int Index)> Places(LocalNetworkOptions options) =>
    [
        .. Places(NodeRole.Gateway, 0, options.Gateways),
        .. Places(NodeRole.Mix, 1, options.MixesPerLayer),
        .. Places(NodeRole.Mix, 2, options.MixesPerLayer),
        .. Places(NodeRole.Mix, 3, options.MixesPerLayer),
        .. Places(NodeRole.Courier, 0, options.Couriers),
        .. Places(NodeRole.Replica, 0, options.Replicas),
        .. Places(NodeRole.Compute, 0, options.Computes),
    ];

    static IEnumerable<(NodeRole Role, int Layer, int Index)> Places(NodeRole role, int layer, int count) =>
        Enumerable.Range(0, count).Select(index => (role, layer, index));

    static (NodeKeys Keys, NodeDescriptor Descriptor) Node(
        NetworkDocument draft, (NodeRole Role, int Layer, int Index) place, LocalNetworkOptions options, string? state, DateTimeOffset now)
    {
        (long first, long last) = NetworkRules.Epochs(draft, place.Role);
        int epochs = (int)(last - first) + 1;
        NodeKeys? keys = KeptNode(state, place);
        keys?.Advance(first, epochs, (draft with { Models = options.Models }).FirstKeptEpoch(place.Role, now));
        keys ??= NodeKeys.Generate(place.Role, place.Layer, place.Index, first, epochs);
        string address = place.Role switch
        {
            NodeRole.Gateway => options.GatewayAddresses.ElementAtOrDefault(place.Index) ?? "",
            NodeRole.Compute when place.Index == 0 => options.ComputeAddress,
            _ => "",
        };
        return (keys, keys.Describe(address));
    }

    static AuthorityKeys? KeptAuthority(string? state) => state is null
        ? null
        : Known(AuthorityKeys.Load(Path.Combine(state, AuthorityFile), out AuthorityKeys? keys), AuthorityFile) ? keys : null;

    /// <summary>The issuer's keys of a folder for an epoch and the next, made where there are none; not written yet.</summary>
    /// <param name="state">The folder; null: they are made.</param>
    /// <param name="epoch">The one that begins, or has begun.</param>
    /// <exception cref="IOException">The key file is damaged or too open.</exception>
    public static IssuerKeys KeptIssuer(string? state, long epoch)
    {
        if (state is null || !Known(IssuerKeys.Load(Path.Combine(state, IssuerFile), out IssuerKeys? keys), IssuerFile))
        {
            return IssuerKeys.Generate(epoch, 2);
        }

        keys!.Advance(epoch, 2);
        return keys;
    }

    static NodeKeys? KeptNode(string? state, (NodeRole Role, int Layer, int Index) place)
    {
        string name = KeyFile(place.Role, place.Layer, place.Index);
        if (state is null || !Known(NodeKeys.Load(Path.Combine(state, name), out NodeKeys? keys), name))
        {
            return null;
        }

        return (keys!.Role, keys.Layer, keys.Index) == place
            ? keys
            : throw new IOException($"The key file {name} belongs to another node.");
    }

    // A damaged file is never replaced silently: it may be the only copy of an identity.
    static bool Known(KeyFileOutcome outcome, string name) => outcome switch
    {
        KeyFileOutcome.Loaded => true,
        KeyFileOutcome.Missing => false,
        KeyFileOutcome.TooOpen => throw new IOException($"The key file {name} can be read by others than its owner."),
        _ => throw new IOException($"The key file {name} is damaged."),
    };
}
