using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.LocalNetwork;

/// <summary>
/// A whole network in one process: every node with its own ports, every message through queues, every leg of compute through the mixnet. What differs
/// from the cloud is who calls the roles, and that one process, of course, sees everything.
/// </summary>
sealed class LocalNetwork : IDisposable
{
    readonly Dictionary<NodeId, LocalNode> _nodes = [];
    readonly LocalNodeContext _context;
    readonly List<IDisposable> _owned = [];

    public LocalNetwork(
        NetworkDocument document, IReadOnlyList<NodeKeys> keys, RunBatch run, bool dummies, Func<string, LocalPorts> ports, RandomSource random,
        TimeProvider time, Func<NodeId, RandomSource>? slotDraws = null)
    {
        Document = document;
        _context = new LocalNodeContext(document, SendAsync, random, time, Links, slotDraws ?? (_ => random));
        foreach (NodeKeys node in keys.Where(node => node.Role != NodeRole.Compute))
        {
            Add(LocalNode.Create(_context, node, ports(LocalNode.NameOf(document.Node(node.Id)!)), null));
        }
        NodeKeys compute = keys.First(node => node.Role == NodeRole.Compute);
        LocalPorts computePorts = ports(LocalNode.NameOf(document.Node(compute.Id)!));
        ComputeClient = new MixnetClient(
            document, document.Gateways[0], ConnectTo(document.Gateways[0].Id), SenderRates.OfCompute(document), random, time);
        ComputeJobs jobs = new(computePorts.Store, epoch => compute.JobKeys.FirstOrDefault(key => key.Epoch == epoch)?.PrivateKey);
        FunionClient asking = new(ComputeClient);
        ComputeEngine = new ComputeEngine(
            Offerings(document, compute.Id), jobs, ComputeClient, run,
            dummies ? new DummyJobs(BatchesAhead(document), (offering, dispatching) => AskAsync(asking, offering, dispatching)) : null, random, time, ComputeCounters);
        ComputeRole role = new(
            new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops), payload => OpenJob(compute, payload), jobs, ComputeEngine,
            document.Inbound, time, ComputeCounters);
        Add(LocalNode.Create(_context, compute, computePorts, role.Accept));
        _owned.Add(ComputeClient);
    }

    public NetworkDocument Document { get; }

    public IReadOnlyCollection<LocalNode> Nodes => _nodes.Values;

    public MixnetClient ComputeClient { get; }

    public ComputeEngine ComputeEngine { get; }

    public ComputeCounters ComputeCounters { get; } = new();

    public LinkCounters Links { get; } = new();

    /// <summary>Everything that acts in time.</summary>
    public IEnumerable<Actor> Actors =>
        [.. _nodes.Values.SelectMany(node => (Actor[])[node.Pump, node.SlotPump]), .. _nodes.Values.SelectMany(node => node.Timers), ComputeClient, ComputeEngine];

    public LocalNode this[NodeId id] => _nodes[id];

    /// <summary>What became of every mix's and gateway's own loops.</summary>
    public async ValueTask<IReadOnlyList<LoopReport>> ReportLoopsAsync(CancellationToken cancellation)
    {
        List<LoopReport> reports = [];
        foreach (LocalNode node in _nodes.Values.Where(node => node.Loops is not null))
        {
            reports.Add(await node.Loops!.ReportAsync(cancellation));
        }
        return [.. reports.OrderBy(report => (report.Role, report.Layer, report.Index))];
    }

    /// <summary>A way into a gateway without HTTP.</summary>
    public GatewayConnection ConnectTo(NodeId gateway)
    {
        LocalNode node = _nodes[gateway];
        return new LocalGatewayConnection(node.Gateway!, new EffectRunner(node.Ports.Store, node.Ports.Queue, SendAsync));
    }

    /// <summary>Once its actors have ended: leaves to the next generation at once what this one had in hand.</summary>
    public async ValueTask HandBackAsync(CancellationToken cancellation)
    {
        foreach (LocalNode node in _nodes.Values)
        {
            await node.Pump.HandBackAsync(cancellation);
            await node.SlotPump.HandBackAsync(cancellation);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable owned in (IDisposable[])[.. _owned, .. _nodes.Values])
        {
            owned.Dispose();
        }
    }

    void Add(LocalNode node) => _nodes.Add(node.Descriptor.Id, node);

    ValueTask SendAsync(NodeId to, string queue, ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        _nodes.TryGetValue(to, out LocalNode? node)
            ? node.Ports.Queue.EnqueueAsync(queue, message, TimeSpan.Zero, cancellation)
            : ValueTask.CompletedTask;

    static IReadOnlyList<ComputeOffering> Offerings(NetworkDocument document, NodeId compute) =>
        [.. document.Models.Where(model => model.Compute == compute).SelectMany(model => model.BucketsMilliseconds.Select(bucket =>
            new ComputeOffering(
                model.Name, new BucketGrid(TimeSpan.FromMilliseconds(bucket)), model.Batch, model.MaxOverruns, model.InputBoxes, model.OutputBoxes)))];

    /// <summary>A dummy needs about five round trips of nine hops until its input is complete, and then a boundary.</summary>
    static int BatchesAhead(NetworkDocument document)
    {
        TimeSpan shortest = TimeSpan.FromMilliseconds(document.Models.SelectMany(model => model.BucketsMilliseconds).DefaultIfEmpty(1000).Min());
        return 2 + (int)Math.Ceiling(45 * document.Rates.MeanDelay / shortest);
    }

    static (Job Job, long Epoch)? OpenJob(NodeKeys compute, ReadOnlyMemory<byte> payload)
    {
        foreach (EpochSecret key in compute.JobKeys)
        {
            if (Job.TryOpen(compute.Id, key.Epoch, key.PrivateKey, key.PublicKey, payload.Span) is { } job)
            {
                return (job, key.Epoch);
            }
        }
        return null;
    }

    /// <summary>A dummy job: a random input of the model's own shape, asked like anybody's.</summary>
    async Task AskAsync(FunionClient asking, ComputeOffering offering, Action<Job> dispatching)
    {
        ModelEntry model = Document.Model(offering.Model)!;
        try
        {
            await asking.InferAsync(model.Name, DummyInput.For(model, _context.Random), offering.Grid.Bucket, null, dispatching, CancellationToken.None);
        }
        catch (FunionException)
        {
            // A dummy that fails is one dummy less; the next boundary tops up.
        }
    }
}
