using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Funion.Cli.Console;
using Funion.Cli.Ingress;
using Funion.Cli.TwoParty;
using Funion.Hosting.Ingress;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tokens;

namespace Funion.Cli.LocalNetwork;

/// <summary>A local network that runs: its actors on the process's clock, its gateway behind HTTP, its data in memory or in the emulator.</summary>
sealed class LocalHost : IAsyncDisposable
{
    const string DocumentFile = "network.json", EnclaveState = "enclave";

    readonly CancellationTokenSource _stop = new();
    readonly LocalHostOptions _options;
    readonly ServedModels _models;
    readonly LocalNetworkPlan _plan;
    readonly Azurite? _azurite;
    readonly Func<string, LocalPorts> _ports;
    readonly TimeProvider _time;
    readonly List<IngressServer> _ingresses = [];
    readonly OneBatchBudget _budget;
    readonly DirectServer _direct;
    readonly TwoPartyJobs _twoParty;

    LocalHost(
        LocalHostOptions options, ServedModels models, LocalNetworkPlan plan, SignedNetworkDocument signed, Azurite? azurite, TimeProvider time)
    {
        _options = options;
        _models = models;
        _plan = plan;
        _azurite = azurite;
        _time = time;
        _budget = new OneBatchBudget(new MemoryBoxStore(), options.Tokens, options.Invited.Contains);
        // The same ports for every generation of nodes.
        ConcurrentDictionary<string, LocalPorts> known = [];
        Func<string, LocalPorts> make = PortsOf(azurite, time);
        _ports = name => known.GetOrAdd(name, one => options.Around?.Invoke(one, make(one)) ?? make(one));
        Signed = signed;
        NodeKeys compute = plan.Nodes.First(node => node.Role == NodeRole.Compute);
        _twoParty = new TwoPartyJobs(models.Anonymous, NodeShelf.Anonymous(options.State, compute, time), time);
        Network = Build();
        _direct = new DirectServer(models.Private, compute, options.State, time);
    }

    public SignedNetworkDocument Signed { get; private set; }

    public TrustedAuthorities Trusted => _plan.Trusted;

    /// <summary>The nodes as they run now: they begin again whenever keys turn.</summary>
    public LocalNetwork Network { get; private set; }

    /// <summary>Where the gateways listen.</summary>
    public IReadOnlyList<Uri> Gateways => Listens(_options);

    public Uri Gateway => Gateways[0];

    public ServedModels Models => _models;

    /// <summary>Completes, with the fault, when an actor fails; a bug.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Told every new document, from any thread.</summary>
    public event Action<SignedNetworkDocument>? Turned;

    /// <summary>Told every generation of nodes that has ended, and its counts with it.</summary>
    public event Action<LocalNetwork>? Ended;

    /// <summary>Starts everything. Throws what the command reports: ModelException, ArgumentException, IOException.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="note">Told why it takes long.</param>
    public static async Task<LocalHost> StartAsync(
        LocalHostOptions options, CancellationToken cancellation, TimeProvider? clock = null, Action<string>? note = null)
    {
        // The document names the gateways' addresses, and so they must be known before anything listens.
        options = options with
        {
            Listen = WithPort(options.Listen), SecondListen = options.SecondListen is { } second ? WithPort(second) : null, IssuerListen = WithPort(options.IssuerListen),
        };
        Array.ForEach(Listens(options), CheckFree);
        TimeProvider time = clock ?? TimeProvider.System;
        ServedModels models = new(options.Models, note, options.Enclave, options.EnclaveFolder, options.State is null ? null : Path.Combine(options.State, EnclaveState));
        (IReadOnlyList<ModelEntry> entries, int computeRate) = models.Publish(
            options.Azurite ? ComputeBudget.EmulatorRate : ComputeBudget.MemoryRate, options.Buckets, options.UserPayload, options.AnonymousTwoParty);
        (LocalNetworkPlan plan, SignedNetworkDocument signed) = Plan(options, entries, computeRate, time);
        Azurite? azurite = options.Azurite
            ? await Azurite.StartAsync(
                options.State is null ? null : Path.Combine(options.State, "azurite"),
                id => note?.Invoke($"waiting for the storage emulator of the run before (process {id}) to save its state"), cancellation)
            : null;
        LocalHost host = new(options, models, plan, signed, azurite, time);
        foreach ((Uri listen, int gateway) in Listens(options).Select((listen, i) => (listen, i)))
        {
            host._ingresses.Add(await host.StartAsync(listen, gateway, cancellation));
        }
        if (plan.Issuer is { } keys)
        {
            TokenIssuer issuer = new(keys, host._budget.GrantAsync);
            host._ingresses.Add(await IngressServer.StartAsync(
                options.IssuerListen, IssuerRoutes.LargestBody, new IssuerRoutes(() => issuer, options.Invited.Contains, time).HandleAsync, cancellation));
        }
        host.Running = Task.Run(host.LiveAsync, CancellationToken.None);
        return host;
    }

    /// <summary>A gateway's ingress; beside the first one's routes is compute's.</summary>
    Task<IngressServer> StartAsync(Uri listen, int gateway, CancellationToken cancellation)
    {
        IngressHandlers handlers = Handlers(gateway);
        IngressRoutes routes = new(handlers, TimeProvider.System);
        return gateway > 0
            ? IngressServer.StartAsync(listen, handlers.LargestBody, routes.HandleAsync, cancellation)
            : IngressServer.StartAsync(listen, handlers.LargestBody, _direct.Before(routes.HandleAsync), cancellation, DirectServer.MostSockets);
    }

    /// <summary>Ends one gateway's ingress, as if its machine were gone.</summary>
    public async Task CloseAsync(int gateway) => await _ingresses[gateway].DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _direct.DisposeAsync();
        foreach (IngressServer ingress in _ingresses)
        {
            await ingress.DisposeAsync();
        }
        await _stop.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }
        Network.Dispose();
        _twoParty.Dispose();
        _plan.Dispose();
        _models.Dispose();
        _stop.Dispose();
    }

    /// <summary>One generation of nodes after another: when keys turn, every node ends where it is and begins again over what its ports kept.</summary>
    async Task LiveAsync()
    {
        ActorRunner runner = new(_time);
        while (!_stop.IsCancellationRequested)
        {
            using CancellationTokenSource generation = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            CancellationToken token = generation.Token;
            Task actors = ActorRunner.AllOrFirstFaultAsync([.. Network.Actors.Select(actor => Task.Run(() => runner.RunAsync(actor, token), CancellationToken.None))]);
            DateTimeOffset now = _time.GetUtcNow();
            Task turn = Task.Delay(_plan.NextAdvance(now) - now, _time, token);
            bool failed = await Task.WhenAny(actors, turn) == actors;
            await generation.CancelAsync();
            await actors.ConfigureAwait(failed ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.SuppressThrowing);
            if (failed || _stop.IsCancellationRequested)
            {
                return;
            }
            await Network.HandBackAsync(_stop.Token);
            Turn();
            await _budget.ForgetBeforeAsync(_plan.Document.Epoch, _stop.Token);
        }
    }

    void Turn()
    {
        LocalNetwork past = Network;
        Ended?.Invoke(past);
        if (_plan.Advance(_time.GetUtcNow(), _options.State))
        {
            Signed = _plan.Sign();
            if (_options.State is { } state)
            {
                AtomicFile.Write(Path.Combine(state, DocumentFile), Signed.ToBytes());
            }
            Turned?.Invoke(Signed);
        }
        Network = Build();
        past.Dispose();
    }

    LocalNetwork Build() => new(_plan.Document, _plan.Nodes, _twoParty.Before(_models.RunAsync), dummies: true, _ports, RandomSource.System, _time);

    /// <summary>
    /// Keys and document. A state folder's document is used again while it is valid and says the same, so that a client that trusted it, even one in the
    /// middle of a question, goes on after a restart.
    /// </summary>
    static (LocalNetworkPlan Plan, SignedNetworkDocument Signed) Plan(
        LocalHostOptions options, IReadOnlyList<ModelEntry> models, int computeRate, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        SignedNetworkDocument? kept = null;
        string? file = options.State is null ? null : Path.Combine(options.State, DocumentFile);
        if (file is not null && File.Exists(file) && SignedNetworkDocument.TryParse(File.ReadAllBytes(file), out SignedNetworkDocument? parsed))
        {
            kept = parsed;
        }
        Rates rates = options.ToRates(computeRate);
        LocalNetworkOptions shape = new()
        {
            UserPayload = options.UserPayload, Rates = rates, Mailbox = options.ToMailbox(rates), Models = models, EpochLength = options.EpochLength,
            TokensPerEpoch = options.Tokens, IssuerAddress = options.Tokens > 0 ? options.IssuerListen.GetLeftPart(UriPartial.Authority) : "",
            // Compute has no port of its own here: the first gateway's server takes its one route, too.
            ComputeAddress = options.Listen.GetLeftPart(UriPartial.Authority),
            Gateways = Listens(options).Length, GatewayAddresses = [.. Listens(options).Select(listen => listen.GetLeftPart(UriPartial.Authority))],
        };
        LocalNetworkPlan plan = LocalNetworkPlan.Create(shape, now, options.State, kept?.Document);
        if (kept is not null && now < kept.Document.ValidUntil && SaysTheSame(kept.Document, plan.Document))
        {
            return (plan, kept);
        }
        SignedNetworkDocument signed = plan.Sign();
        if (file is not null)
        {
            AtomicFile.Write(file, signed.ToBytes());
        }
        return (plan, signed);
    }

    static bool SaysTheSame(NetworkDocument kept, NetworkDocument made) => (made with
    {
        Version = kept.Version, Previous = kept.Previous, ValidAfter = kept.ValidAfter, ValidUntil = kept.ValidUntil, Epoch = kept.Epoch,
    }).ToBytes().AsSpan().SequenceEqual(kept.ToBytes());

    static Func<string, LocalPorts> PortsOf(Azurite? azurite, TimeProvider time)
    {
        if (azurite is null)
        {
            return _ => new LocalPorts(new MemoryBoxStore(), new MemoryPacketQueue(time), TimeSpan.Zero);
        }
        StorageAccount account = StorageAccount.Of(azurite.ConnectionString);
        return name => new LocalPorts(
            account.Store(name), new OneProcessQueue(account.Queue(name), queue => queue == QueueNames.Slots, IsOwn, time),
            TimeSpan.FromSeconds(2));
    }

    static bool IsOwn(string queue) => queue == QueueNames.Copies || QueueNames.WaitsForSlot(queue);

    static Uri[] Listens(LocalHostOptions options) => options.SecondListen is { } second ? [options.Listen, second] : [options.Listen];

    static Uri WithPort(Uri listen) => listen.Port == 0 ? new UriBuilder(listen) { Port = FreePort(listen) }.Uri : listen;

    /// <summary>Found out before anything is started, not after a minute.</summary>
    static void CheckFree(Uri listen)
    {
        using TcpListener listener = new(IPAddress.TryParse(listen.DnsSafeHost, out IPAddress? address) ? address : IPAddress.Loopback, listen.Port);
        try
        {
            listener.Start();
        }
        catch (SocketException taken)
        {
            throw new IOException($"Nothing can listen on {listen.Authority}: {taken.Message}.", taken);
        }
    }

    static int FreePort(Uri listen)
    {
        using TcpListener listener = new(IPAddress.TryParse(listen.DnsSafeHost, out IPAddress? address) ? address : IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>What of a document every generation has in common: sizes and rates; the rest is asked of the nodes as they are.</summary>
    IngressHandlers Handlers(int index)
    {
        NetworkDocument document = Signed.Document;
        NodeId gateway = document.Gateways[index].Id;
        return IngressHandlers.For(
            document, () => Signed.ToBytes(),
            async (body, cancellation) => await Network.ConnectTo(gateway).SubmitAsync(body, cancellation),
            async (body, cancellation) => await PollAsync(Network.ConnectTo(gateway), body, cancellation),
            cancellation => Network.ReportLoopsAsync(cancellation));
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
