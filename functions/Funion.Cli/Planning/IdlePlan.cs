using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Planning;

/// <summary>
/// What the network of a document does when nobody asks and no client is online: compute's slots, everybody's loops, the links of couriers and replicas, the
/// timers. Each packet and each loop goes nine hops, five there and four back from the service, and comes to its gateway's mailbox.
/// </summary>
sealed class IdlePlan
{
    /// <summary>A hop is a handful of storage operations; a held message is in hand a little early, a slot's token two looks early.</summary>
    const double Handled = 0.1;

    readonly NetworkDocument _document;
    readonly NodePace _pace;

    public IdlePlan(NetworkDocument document, NodePace pace)
    {
        (_document, _pace) = (document, pace);
        Rates rates = document.Rates;
        int mixes = document.Nodes.Count(node => node.Role == NodeRole.Mix);
        Packets = (document.Computes.Count * (rates.ComputePerSecond + rates.ClientLoopPerSecond)) + (mixes * rates.MixLoopPerSecond)
            + (document.Gateways.Count * rates.GatewayLoopPerSecond);
        Polls = document.Computes.Count * document.Mailbox.ComputePollsPerSecond;
        int couriers = document.Couriers.Count, replicas = document.Replicas.Count;
        LinkSlots = rates.LinkPerSecond * ((couriers * replicas) + (replicas * (replicas - 1)));
        Groups = [.. document.Nodes.SelectMany(GroupsOf)];
    }

    /// <summary>Packets and loops that begin in a second.</summary>
    public double Packets { get; }

    /// <summary>Polls of mailboxes in a second.</summary>
    public double Polls { get; }

    /// <summary>Slots of all links in a second.</summary>
    public double LinkSlots { get; }

    /// <summary>Of every function app; compute is a container.</summary>
    public IReadOnlyList<FunctionGroup> Groups { get; }

    /// <summary>Instances that are paid for, on average.</summary>
    public double BusyInstances => Groups.Sum(group => group.Busy);

    public double ExecutionsPerSecond => Groups.Sum(group => group.PerSecond);

    /// <summary>How often listeners look at a queue that is empty; an upper bound, for one that sleeps does not look.</summary>
    public double LooksPerSecond => Groups.Count(group => group.Name is not ("http" or "Draw" or "Sweep")) / _pace.Poll.TotalSeconds;

    /// <summary>Storage operations, those looks aside: seven a hop, fourteen a link's slot with its reply, two blobs a packet and one a poll.</summary>
    public double OperationsPerSecond =>
        (9 * TrafficPlan.OperationsPerHop * Packets) + (TrafficPlan.OperationsPerLinkSlot * LinkSlots) + (3 * Packets) + Polls;

    IEnumerable<FunctionGroup> GroupsOf(NodeDescriptor node)
    {
        Rates rates = _document.Rates;
        double poll = _pace.Poll.TotalSeconds, slot = _pace.Lead.TotalSeconds - (poll / 2), release = Handled + (poll / 4);
        int replicas = _document.Replicas.Count, couriers = _document.Couriers.Count;
        FunctionGroup Group(string name, double perSecond, double seconds, bool ready = false) => new(node.Name, name, perSecond, seconds, ready);
        IEnumerable<FunctionGroup> Hops(double packets, bool ready) =>
            [Group("Receive", packets, Handled, ready), Group("Release", packets, release, ready)];
        IEnumerable<FunctionGroup> own = node.Role switch
        {
            NodeRole.Gateway =>
            [
                Group("http", (Packets + Polls) / _document.Gateways.Count, Handled, ready: true), .. Hops(2 * Packets / _document.Gateways.Count, ready: true),
                Group("Slots", rates.GatewayLoopPerSecond, slot),
            ],
            NodeRole.Mix => [.. Hops(2 * Packets / _document.Mixes(node.Layer).Count, ready: true), Group("http", 0, 0), Group("Slots", rates.MixLoopPerSecond, slot)],
            NodeRole.Courier =>
            [
                .. Hops(Packets / couriers, ready: false), Group("Slots", rates.LinkPerSecond * replicas, slot),
                Group("Replies", rates.LinkPerSecond * replicas, Handled), Group("Copies", 0, 0),
            ],
            // Commands of couriers and of other replicas, and the answers to its own.
            NodeRole.Replica =>
            [
                Group("Receive", rates.LinkPerSecond * (couriers + (2 * (replicas - 1))), Handled), Group("Slots", rates.LinkPerSecond * (replicas - 1), slot),
            ],
            _ => [],
        };
        return node.Role == NodeRole.Compute ? own : [.. own, Group("Draw", 1 / 60.0, 2), Group("Sweep", 1 / 300.0, 2)];
    }

    /// <summary>Cost of a month by meter.</summary>
    public IReadOnlyList<(string Meter, double Dollars)> Monthly(PlanPrices prices, IdleSize size)
    {
        const double Month = PlanPrices.SecondsPerMonth;
        FunctionGroup[] ready = [.. Groups.Where(group => size.AlwaysReady > 0 && group.Ready)];
        double onDemand = Groups.Except(ready).Sum(group => group.Busy), tags = 9 * Packets, blobWrites = 2 * Packets, blobReads = Packets + Polls;
        double queues = OperationsPerSecond - tags - blobWrites - blobReads + LooksPerSecond, computes = _document.Computes.Count;
        return
        [
            ("function time on demand", onDemand * size.InstanceGb * Month * prices.FunctionGbSecond),
            ("function time kept ready", size.InstanceGb * Month
                * ((ready.Length * size.AlwaysReady * prices.FunctionReadyGbSecond) + (ready.Sum(group => group.Busy) * prices.FunctionReadyActiveGbSecond))),
            ("function executions", ExecutionsPerSecond * Month / 1e6 * prices.FunctionMillionExecutions),
            ("compute's container", computes * Month * ((size.Cores * prices.ContainerCoreSecond) + (size.ContainerGib * prices.ContainerGibSecond))),
            ("GPU", size.Gpu ? computes * Month * prices.GpuSecond : 0),
            ("queue operations", queues * Month / 10_000 * prices.QueueOperationsPer10k),
            ("table operations (replay tags)", tags * Month / 10_000 * prices.TableOperationsPer10k),
            ("blob writes", blobWrites * Month / 10_000 * prices.BlobWritesPer10k),
            ("blob reads", blobReads * Month / 10_000 * prices.BlobReadsPer10k),
        ];
    }
}
