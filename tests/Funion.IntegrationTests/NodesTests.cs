using System.Collections.Concurrent;
using Funion.Cli.Ingress;
using Funion.Cli.LocalNetwork;
using Funion.Cli.Nodes;
using Funion.Client;
using Funion.Hosting;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

/// <summary>
/// Every node for itself, as in the cloud: its own settings, keys and ports, its messages handed to it one by one by a host that completes what is finished.
/// Layer 2 belongs to another operator: what goes to it goes by signed hops over HTTP.
/// </summary>
public sealed class NodesTests : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-nodes-").FullName;
    readonly ConcurrentDictionary<string, NodePorts> _ports = [];
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _running = [];
    readonly List<NodeHost> _hosts = [];
    readonly List<IAsyncDisposable> _owned = [];
    readonly ModelSet _models = new([]);

    string Document => Path.Combine(_folder, "network.json");

    [Fact]
    public async Task A_question_goes_through_eighteen_nodes_that_share_nothing()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(4));
        SignedNetworkDocument signed = Plan(out TrustedAuthorities pin);
        foreach (NodeDescriptor node in signed.Document.Nodes)
        {
            await StartAsync(signed.Document, node, pin, deadline.Token);
        }
        await using FunionSession session = await FunionSession.ConnectAsync(new Uri(signed.Document.Gateways[0].Address), pin, cancellation: deadline.Token);
        ModelEntry model = signed.Document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        InferenceAnswer answer = await session.Client.InferAsync(
            model.Name, [picture], TimeSpan.FromMilliseconds(model.BucketsMilliseconds[0]), cancellation: deadline.Token);
        float[] direct = _models[DigitModel.Name].RunDirect([picture])[0].ToFloats();
        Assert.All(direct.Zip(answer.Tensors![0].ToFloats()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        foreach (NodeHost host in _hosts)
        {
            HopCounters counters = (await host.CurrentAsync(deadline.Token)).Parts.Counters;
            Assert.Equal((0, 0, 0), (counters.Poison, counters.Late, counters.Replayed));
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (IAsyncDisposable owned in _owned)
        {
            await owned.DisposeAsync();
        }
        _models.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Keys and document as <c>funion network new</c> and <c>sign</c> make them; gateway and layer 2 have addresses.</summary>
    SignedNetworkDocument Plan(out TrustedAuthorities pin)
    {
        using ServedModels served = new([]);
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

    async Task StartAsync(NetworkDocument document, NodeDescriptor node, TrustedAuthorities pin, CancellationToken cancellation)
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
            Run = _models.RunAsync,
            Pace = new NodePace(TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3)),
        };
        NodeHost host = new(settings, environment);
        _hosts.Add(host);
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
}
