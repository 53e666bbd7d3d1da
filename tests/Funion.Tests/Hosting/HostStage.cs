using Funion.Client;
using Funion.Contracts;
using Funion.Hosting;
using Funion.Hosting.Hops;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;

namespace Funion.Tests.Hosting;

/// <summary>The document, the pin and the keys of a small network in a folder, and hosts of its nodes: memory ports, virtual time.</summary>
sealed class HostStage : IDisposable
{
    readonly Dictionary<string, NodePorts> _ports = [];

    public HostStage()
    {
        Plan = LocalNetworkPlan.Create(Options, Time.GetUtcNow(), Folder);
        Document = Plan.Document;
        File.WriteAllBytes(PinFile, Plan.Trusted.ToBytes());
        Publish(Plan.Sign());
    }

    /// <summary>Two of each, so that every kind of edge is there twice; small packets.</summary>
    public static LocalNetworkOptions Options { get; } = new() { Gateways = 2, Replicas = NetworkRules.FewestReplicas, UserPayload = 1_000 };

    public string Folder { get; } = Directory.CreateTempSubdirectory("funion-host").FullName;

    public string PinFile => Path.Combine(Folder, "authorities");

    public string DocumentFile => Path.Combine(Folder, "network.json");

    public VirtualTime Time { get; } = new();

    public LocalNetworkPlan Plan { get; }

    /// <summary>What was published last.</summary>
    public NetworkDocument Document { get; private set; }

    public NodeDescriptor Node(string name) => Document.Nodes.Single(node => node.Name == name);

    public NodeKeys Keys(string name) => Plan.Nodes.Single(keys => keys.Id == Node(name).Id);

    public string KeyFile(string name) => Path.Combine(Folder, LocalNetworkPlan.KeyFile(Node(name).Role, Node(name).Layer, Node(name).Index));

    /// <summary>A node's storage: the same for every host of it.</summary>
    public NodePorts Ports(string name)
    {
        if (!_ports.TryGetValue(name, out NodePorts? ports))
        {
            _ports.Add(name, ports = new NodePorts(new MemoryBoxStore(), new MemoryPacketQueue(Time)));
        }
        return ports;
    }

    public NodeSettings Settings(string name) => new()
    {
        Node = name, Role = Node(name).Role, Prefix = name, NetworkDocument = DocumentFile, Authorities = PinFile, Keys = KeyFile(name),
        Peers = PeerList.TryParse("*")!,
    };

    public NodeEnvironment Environment(string name) => new()
    {
        Ports = Ports(name), PeerQueues = (_, prefix) => Ports(prefix).Queue, Time = Time, Random = new SeededRandom(7),
        Fetch = (_, _) => throw new GatewayUnreachableException("Nothing is fetched here."),
    };

    public NodeHost Host(string name) => new(Settings(name), Environment(name));

    public NodeSigner Signer(string name) => SodiumSignatures.Signer(Keys(name));

    /// <summary>What a node sends to another over HTTP.</summary>
    public byte[] Hop(string from, string to, ReadOnlySpan<byte> message) => HopRequest.Build(Node(from).Id, Signer(from), Node(to).Id, message, Time.GetUtcNow());

    /// <summary>A message of the one size that a sender's messages to a receiver have.</summary>
    public byte[] MessageFor(string from, string to)
    {
        string queue = HopTopology.QueueFor(Document, Node(from), Node(to))!;
        if (queue == QueueNames.ReplicaIn)
        {
            // A command names its sender.
            return ReplicaCommand.Decoy(new PigeonholeGeometry(Document.Geometry.UserPayload), Node(from).Id, ReplicaCommandKind.Decoy);
        }
        byte[] message = new byte[HopTopology.MessageSize(Document, queue)];
        new SeededRandom(3).Fill(message);
        return message;
    }

    public SphinxGeometry Geometry => new(Document.Geometry.UserPayload, Document.Geometry.Hops);

    /// <summary>A packet as a gateway hands it to mix-1-0, for its key of an epoch, of now as a rule.</summary>
    public byte[] Packet(uint delayMilliseconds, long? epoch = null)
    {
        long at = epoch ?? Document.EpochAt(Time.GetUtcNow());
        PathHop[] path = [.. ((string[])["mix-1-0", "mix-2-0", "mix-3-0", "courier-0"]).Select(name =>
            Node(name).TryGetKey(at, out byte[]? key) ? new PathHop(Node(name).Id, key, at, delayMilliseconds) : throw new InvalidOperationException("No such key."))];
        byte[] surb = Surb.Create(Geometry, path, new RecipientId(new byte[32]), out SurbSecret secret);
        secret.Dispose();
        return SphinxPacket.Build(Geometry, path, new RecipientId(new byte[32]), surb, new byte[Geometry.UserPayload]);
    }

    /// <summary>A packet that a mix of the first layer holds for mix-2-0.</summary>
    public Delivery Held(DateTimeOffset due, byte mark = 0, int attempt = 1)
    {
        byte[] body = new byte[Geometry.PacketSize];
        body[0] = mark;
        HeldPacket held = new(due, HeldKind.Forward, new Bytes32(Node("mix-2-0").Id.AsSpan()), default, body);
        return new Delivery(QueueNames.MixOut, $"held-{mark}", "r", held.ToBytes(Geometry), attempt);
    }

    public void Publish(SignedNetworkDocument signed)
    {
        Document = signed.Document;
        File.WriteAllBytes(DocumentFile, signed.ToBytes());
    }

    /// <summary>Publishes the next version, with something in it changed.</summary>
    public void PublishNext(Func<NetworkDocument, NetworkDocument> change) => Publish(Next(change));

    public SignedNetworkDocument Next(Func<NetworkDocument, NetworkDocument> change)
    {
        Assert.Empty(NetworkAuthority.Make(change(Document), Document, Time.GetUtcNow(), NetworkRules.FewestReplicas, out NetworkDocument? next));
        return NetworkAuthority.Unsigned(next!).AddSignature(Plan.Authority);
    }

    /// <summary>Gives a node an address.</summary>
    public void PublishAddress(string name, Uri address) => PublishNext(document => document with
    {
        Nodes = [.. document.Nodes.Select(node => node.Name == name ? node with { Address = address.GetLeftPart(UriPartial.Authority) } : node)],
    });

    public void Dispose()
    {
        Plan.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
