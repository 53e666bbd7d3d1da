using System.Collections.Concurrent;
using Funion.Cli.Ingress;
using Funion.Cli.LocalNetwork;
using Funion.Cli.Nodes;
using Funion.Hosting;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

/// <summary>
/// Every node for itself, as in the cloud: its own settings, keys and ports, its messages handed to it one by one by a host that completes what is finished.
/// Layer 2 belongs to another operator: what goes to it goes by signed hops over HTTP.
/// </summary>
sealed class SeparateNodes : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-nodes-").FullName;
    readonly ConcurrentDictionary<string, NodePorts> _ports = [];
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _running = [];
    readonly List<IAsyncDisposable> _owned = [];

    /// <summary>File of the document; its pin lies beside it.</summary>
    public string Document => Path.Combine(_folder, "network.json");

    public List<NodeHost> Hosts { get; } = [];

    /// <summary>Keys and document as <c>funion network new</c> and <c>sign</c> make them; gateway and layer 2 have addresses.</summary>
    public SignedNetworkDocument Plan(ServedModels served, out TrustedAuthorities pin)
    {
        (IReadOnlyList<ModelEntry> models, int compute) = served.Publish(8_000, [TimeSpan.FromSeconds(3)], 30_000);
        Rates rates = new() { MeanDelayMilliseconds = 100, ClientPerKilosecond = 5_000, ComputePerKilosecond = compute, LinkPerKilosecond = 2_000 };
        LocalNetworkOptions options = new()
        {
            Rates = rates, Models = models, GatewayAddresses = [MemoryNetworkFixture.FreeAddress().GetLeftPart(UriPartial.Authority)],
        };
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(options, DateTimeOffset.UtcNow, _folder);
        NetworkDocument addressed = plan.Document with
        {
            Nodes = [.. plan.Document.Nodes.Select(node => node is { Role: NodeRole.Mix, Layer: 2 }
                ? node with { Address = MemoryNetworkFixture.FreeAddress().GetLeftPart(UriPartial.Authority) }
                : node)],
        };
        SignedNetworkDocument signed = NetworkAuthority.Unsigned(addressed).AddSignature(plan.Authority);
        File.WriteAllBytes(Document, signed.ToBytes());
        pin = plan.Trusted;
        File.WriteAllBytes(Document + ".authorities", pin.ToBytes());
        return signed;
    }

    /// <summary>Starts one node; compute runs what it is given, which may depend on its settings.</summary>
    public async Task StartAsync(
        NetworkDocument document, NodeDescriptor node, TrustedAuthorities pin, Func<NodeSettings, RunBatch?> run, CancellationToken cancellation)
    {
        string[] peers = [.. document.Nodes.Where(peer => peer is not { Role: NodeRole.Mix, Layer: 2 }).Select(peer => $"{peer.Name}=https://account/{peer.Name}")];
        NodeSettings settings = new()
        {
            Node = node.Name, Role = node.Role, Prefix = node.Name, NetworkDocument = Document, Authorities = System.Text.Encoding.UTF8.GetString(pin.ToBytes()),
            Keys = Path.Combine(_folder, $"{node.Name}.keys"), Peers = PeerList.TryParse(string.Join(';', peers))!,
        };
        NodeEnvironment environment = new()
        {
            Ports = PortsOf(node.Name),
            PeerQueues = (_, prefix) => PortsOf(prefix).Queue,
            Run = run(settings),
            Pace = new NodePace(TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3)),
        };
        NodeHost host = new(settings, environment);
        Hosts.Add(host);
        if (node.Address.Length > 0)
        {
            _owned.Add(await IngressServer.StartAsync(
                new Uri(node.Address), NodeRoutes.LargestBody, new NodeRoutes(host, behindFrontEnd: false).HandleAsync, cancellation));
        }
        NodeProcess process = new(host, environment, concurrency: 256);
        _running.Add(Task.Run(() => process.RunAsync(_stop.Token), CancellationToken.None));
        _owned.Add(host);
    }

    NodePorts PortsOf(string node) => _ports.GetOrAdd(node, _ => new NodePorts(new MemoryBoxStore(), new MemoryPacketQueue(TimeProvider.System)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (IAsyncDisposable owned in _owned)
        {
            await owned.DisposeAsync();
        }
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
