using System.Net;
using System.Net.Sockets;
using Funion.Cli.Ingress;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Cli.LocalNetwork;

/// <summary>A local network that runs: its actors on the process's clock, its gateway behind HTTP, its data in memory or in the emulator.</summary>
sealed class LocalHost : IAsyncDisposable
{
    const string DocumentFile = "network.json";

    readonly CancellationTokenSource _stop = new();
    readonly ServedModels _models;
    readonly LocalNetworkPlan _plan;
    readonly Azurite? _azurite;
    readonly IngressServer _ingress;
    readonly Task _running;

    LocalHost(ServedModels models, LocalNetworkPlan plan, SignedNetworkDocument signed, Azurite? azurite, LocalNetwork network, IngressServer ingress)
    {
        _models = models;
        _plan = plan;
        _azurite = azurite;
        _ingress = ingress;
        Signed = signed;
        Network = network;
        ActorRunner runner = new(TimeProvider.System);
        _running = AllOrFirstFaultAsync([.. network.Actors.Select(actor => Task.Run(() => runner.RunAsync(actor, _stop.Token)))]);
    }

    public SignedNetworkDocument Signed { get; }

    public TrustedAuthorities Trusted => _plan.Trusted;

    public LocalNetwork Network { get; }

    public Uri Gateway => _ingress.Address;

    public ServedModels Models => _models;

    /// <summary>Completes, with the fault, when an actor fails; a bug.</summary>
    public Task Running => _running;

    /// <summary>Starts everything. Throws what the command reports: ModelException, ArgumentException, IOException.</summary>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, CancellationToken cancellation)
    {
        if (options.Listen.Port == 0)
        {
            // The document names the gateway's address, and so it must be known before anything listens.
            options = options with { Listen = new UriBuilder(options.Listen) { Port = FreePort(options.Listen) }.Uri };
        }
        ServedModels models = new(options.Models);
        (IReadOnlyList<ModelEntry> entries, int computeRate) = models.Publish(options);
        (LocalNetworkPlan plan, SignedNetworkDocument signed) = Plan(options, entries, computeRate);
        NetworkDocument document = signed.Document;
        Azurite? azurite = options.Azurite
            ? await Azurite.StartAsync(options.State is null ? null : Path.Combine(options.State, "azurite"), cancellation)
            : null;
        LocalNetwork network = new(document, plan.Nodes, models.RunAsync, dummies: true, PortsOf(azurite), RandomSource.System, TimeProvider.System);
        NodeDescriptor gateway = document.Gateways[0];
        IngressServer ingress = await IngressServer.StartAsync(options.Listen, Handlers(network, signed, gateway), cancellation);
        return new LocalHost(models, plan, signed, azurite, network, ingress);
    }

    public async ValueTask DisposeAsync()
    {
        await _ingress.DisposeAsync();
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }
        Network.Dispose();
        _plan.Dispose();
        _models.Dispose();
        _stop.Dispose();
    }

    /// <summary>One actor that fails is a bug, and must not be a silence: its fault ends the wait for all.</summary>
    static async Task AllOrFirstFaultAsync(List<Task> actors)
    {
        while (actors.Count > 0)
        {
            Task ended = await Task.WhenAny(actors);
            actors.Remove(ended);
            await ended;
        }
    }

    /// <summary>
    /// Keys and document. A state folder's document is used again while it is valid and says the same, so that a client that trusted it, even one in the
    /// middle of a question, goes on after a restart.
    /// </summary>
    static (LocalNetworkPlan Plan, SignedNetworkDocument Signed) Plan(LocalHostOptions options, IReadOnlyList<ModelEntry> models, int computeRate)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        SignedNetworkDocument? kept = null;
        string? file = options.State is null ? null : Path.Combine(options.State, DocumentFile);
        if (file is not null && File.Exists(file) && SignedNetworkDocument.TryParse(File.ReadAllBytes(file), out SignedNetworkDocument? parsed))
        {
            kept = parsed;
        }
        Rates rates = options.ToRates(computeRate);
        LocalNetworkOptions shape = new()
        {
            UserPayload = options.UserPayload, Rates = rates, Mailbox = options.ToMailbox(rates), Models = models,
            GatewayAddresses = [options.Listen.GetLeftPart(UriPartial.Authority)],
        };
        LocalNetworkPlan plan = LocalNetworkPlan.Create(shape, now, options.State, kept?.Document);
        if (kept is not null && now < kept.Document.ValidUntil && SaysTheSame(kept.Document, plan.Document))
        {
            return (plan, kept);
        }
        SignedNetworkDocument signed = plan.Sign();
        if (file is not null)
        {
            File.WriteAllBytes(file, signed.ToBytes());
        }
        return (plan, signed);
    }

    static bool SaysTheSame(NetworkDocument kept, NetworkDocument made) => (made with
    {
        Version = kept.Version, Previous = kept.Previous, ValidAfter = kept.ValidAfter, ValidUntil = kept.ValidUntil, Epoch = kept.Epoch,
    }).ToBytes().AsSpan().SequenceEqual(kept.ToBytes());

    static Func<string, LocalPorts> PortsOf(Azurite? azurite)
    {
        if (azurite is null)
        {
            return _ => new LocalPorts(new MemoryBoxStore(), new MemoryPacketQueue(TimeProvider.System), TimeSpan.Zero);
        }
        Azure.Storage.Blobs.BlobServiceClient blobs = StorageClients.Blobs(azurite.ConnectionString);
        Azure.Storage.Queues.QueueServiceClient queues = StorageClients.Queues(azurite.ConnectionString);
        return name => new LocalPorts(
            new BlobBoxStore(blobs, name),
            new OneProcessQueue(new StorageQueuePacketQueue(queues, name), queue => queue == QueueNames.Slots, QueueNames.WaitsForSlot, TimeProvider.System),
            TimeSpan.FromSeconds(2));
    }

    static int FreePort(Uri listen)
    {
        using TcpListener listener = new(IPAddress.TryParse(listen.DnsSafeHost, out IPAddress? address) ? address : IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static IngressHandlers Handlers(LocalNetwork network, SignedNetworkDocument signed, NodeDescriptor gateway)
    {
        NetworkDocument document = signed.Document;
        Client.GatewayConnection connection = network.ConnectTo(gateway.Id);
        int packet = new Sphinx.SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops).PacketSize;
        double perSecond = document.Rates.ClientPerSecond + document.Rates.ClientLoopPerSecond + document.Mailbox.PollsPerSecond;
        return new IngressHandlers(
            packet, MailboxRequest.Size(document.Mailbox.PacketsPerPoll), 1.1 * perSecond, signed.ToBytes(),
            async (body, cancellation) => await connection.SubmitAsync(body, cancellation),
            async (body, cancellation) => await PollAsync(connection, body, cancellation), network.ReportLoopsAsync);
    }

    static async ValueTask<byte[]?> PollAsync(Client.GatewayConnection connection, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            return await connection.PollAsync(body, cancellation);
        }
        catch (Client.GatewayUnreachableException)
        {
            return null;
        }
    }
}
