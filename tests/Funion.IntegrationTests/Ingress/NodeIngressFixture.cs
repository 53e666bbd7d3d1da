using Funion.Cli.Ingress;
using Funion.Contracts;
using Funion.Hosting;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests.Ingress;

/// <summary>
/// The routes of nodes as every host calls them, the function app too, each behind a server of its own: document and keys in a folder, ports in memory,
/// and a clock that stands still.
/// </summary>
public sealed class NodeIngressFixture : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-ingress-").FullName;
    readonly List<IAsyncDisposable> _running = [];

    internal VirtualTime Time { get; } = new();

    internal LocalNetworkPlan Plan { get; private set; } = null!;

    internal Uri Gateway { get; private set; } = null!;

    /// <summary>A gateway whose connections are a platform's front end's.</summary>
    internal Uri BehindFrontEnd { get; private set; } = null!;

    internal NodeRoutes RoutesBehindFrontEnd { get; private set; } = null!;

    internal Uri Courier { get; private set; } = null!;

    internal Uri Unready { get; private set; } = null!;

    internal Uri Buggy { get; private set; } = null!;

    /// <summary>The queues of the gateway that is well.</summary>
    internal MemoryPacketQueue Queue { get; private set; } = null!;

    /// <summary>Where the node without a document looks for it.</summary>
    internal string DocumentToCome => Path.Combine(_folder, "to-come.json");

    internal string DocumentFile => Path.Combine(_folder, "network.json");

    public async Task InitializeAsync()
    {
        Plan = LocalNetworkPlan.Create(new LocalNetworkOptions { GatewayAddresses = ["http://127.0.0.1:7071"] }, Time.GetUtcNow(), _folder);
        await File.WriteAllBytesAsync(DocumentFile, Plan.Sign().ToBytes());
        await File.WriteAllBytesAsync(DocumentFile + ".authorities", Plan.Trusted.ToBytes());
        Queue = new MemoryPacketQueue(Time);
        Gateway = await StartAsync("gateway-0", NodeRole.Gateway, DocumentFile, new MemoryBoxStore(), Queue);
        BehindFrontEnd = await StartAsync("gateway-0", NodeRole.Gateway, DocumentFile, new MemoryBoxStore(), new MemoryPacketQueue(Time), behindFrontEnd: true);
        Courier = await StartAsync("courier-0", NodeRole.Courier, DocumentFile, new MemoryBoxStore(), new MemoryPacketQueue(Time));
        Unready = await StartAsync("gateway-0", NodeRole.Gateway, DocumentToCome, new MemoryBoxStore(), new MemoryPacketQueue(Time));
        Buggy = await StartAsync("gateway-0", NodeRole.Gateway, DocumentFile, new BuggyStore(), new MemoryPacketQueue(Time));
    }

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable one in Enumerable.Reverse(_running))
        {
            await one.DisposeAsync();
        }
        Plan.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    async Task<Uri> StartAsync(string node, NodeRole role, string document, BoxStore store, MemoryPacketQueue queue, bool behindFrontEnd = false)
    {
        NodeSettings settings = new()
        {
            Node = node, Role = role, Prefix = node, NetworkDocument = document, Authorities = DocumentFile + ".authorities",
            Keys = Path.Combine(_folder, node + ".keys"),
        };
        NodeHost host = new(settings, new NodeEnvironment
        {
            Ports = new NodePorts(store, queue), PeerQueues = (_, _) => new MemoryPacketQueue(Time), Time = Time,
        });
        _running.Add(host);
        NodeRoutes routes = new(host, behindFrontEnd);
        RoutesBehindFrontEnd = behindFrontEnd ? routes : RoutesBehindFrontEnd;
        IngressServer server = await IngressServer.StartAsync(new Uri("http://127.0.0.1:0"), NodeRoutes.LargestBody, routes.HandleAsync, default);
        _running.Add(server);
        return server.Address;
    }

    /// <summary>Fails as code fails, not as storage does.</summary>
    sealed class BuggyStore : BoxStore
    {
        public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation) => throw Bug();

        public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) => throw Bug();

        public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
            StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation) => throw Bug();

        public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) => throw Bug();

        public override IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation) => throw Bug();

        public override IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation) => throw Bug();

        public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) => throw Bug();

        static InvalidOperationException Bug() => new("A secret of the server's.");
    }
}
