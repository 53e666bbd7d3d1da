using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Cli.Planning;

/// <summary>
/// What always-on clients make of messages and storage operations, with the smallest number of nodes of each role that carries it, and which limit is first
/// to break when there is one node of each kind only. Everything is cover: what is asked changes none of these figures but compute's.
/// <para>A hop costs seven operations: receive, replay tag, put on its own delayed queue, delete, receive, hand on, delete. A link slot with its reply costs
/// fourteen: a token and a message on either side, put, received, deleted, and the box.</para>
/// Limits: Azure Storage scalability targets (20,000 requests/s an account, 2,000 messages/s a queue), Service Bus Standard (1,000 credits/s a namespace),
/// Flex Consumption (1,000 instances).
/// </summary>
sealed class TrafficPlan
{
    public const double OperationsPerHop = 7, OperationsPerLinkSlot = 14;

    /// <summary>Of one storage account and of one queue.</summary>
    public const double AccountLimit = 20_000, QueueLimit = 2_000;

    /// <summary>Service Bus Standard: a delayed hop is a credit to send and one to receive, on either of two queues.</summary>
    public const double ServiceBusCredits = 1_000;

    /// <summary>Messages that one function instance of 2 GB handles in a second: 5 ms each, as a warm host takes.</summary>
    public const double MessagesPerInstance = 200;

    public const double InstanceLimit = 1_000;

    /// <summary>Nodes are added when the busiest limit of one is at this part.</summary>
    const double Fill = 0.7;

    /// <summary>Links are sized for this part of all slots being real at once.</summary>
    const double RealPart = 0.1;

    const int Replicas = NetworkRules.DefaultReplicas, Layers = 3;

    public TrafficPlan(PlanRequest request)
    {
        Rates rates = request.Rates;
        MailboxParameters mailbox = MailboxParameters.For(rates);
        SphinxGeometry geometry = new(request.UserPayload);
        double questions = request.Users * request.QuestionsPerHour / 3_600;
        // Two exchanges a box, and 0.8 of the slots; a batch of one at least.
        double exchanges = 2 * (request.InputBoxes + request.OutputBoxes);
        ComputePerSecond = Math.Max(questions, 1 / request.Bucket.TotalSeconds) * exchanges / 0.8;
        double clients = request.Users * (rates.ClientPerSecond + rates.ClientLoopPerSecond);
        Packets = clients + ComputePerSecond + rates.ClientLoopPerSecond;
        double polls = (request.Users * mailbox.PollsPerSecond) + (1.5 * ComputePerSecond / mailbox.PacketsPerPoll);
        double toCouriers = Packets * exchanges / (exchanges + 1);

        Gateway = new RolePlan("gateway", (Packets * ((2 * OperationsPerHop) + 1 + 2)) + polls, 2 * Packets, 1, 3);
        Mix = new RolePlan("mix (each layer)", 2 * Packets * OperationsPerHop, 2 * Packets, 2, 2);
        Compute = new RolePlan("compute", (Packets - toCouriers) * OperationsPerHop, Packets - toCouriers, 1, 1);
        // Each operation of a client is one command to each of two intermediates, and they ask or tell another replica one and a half times.
        double commands = RealPart * toCouriers;
        double courierLinks = Math.Max(commands, 0.2 * 2 * Replicas), replicaLinks = Math.Max(1.5 * commands, 0.2 * Replicas * (Replicas - 1));
        Courier = new RolePlan("courier", (toCouriers * (OperationsPerHop + 2)) + (courierLinks * OperationsPerLinkSlot / 2), toCouriers, 2, 4);
        Replica = new RolePlan("replica", (courierLinks + (2 * replicaLinks)) * OperationsPerLinkSlot / 2, courierLinks + replicaLinks, Replicas, 2);
        PollsPerSecond = polls;
        ClientBytesPerDay = (long)(86_400 * (((rates.ClientPerSecond + rates.ClientLoopPerSecond) * geometry.PacketSize)
            + (mailbox.PollsPerSecond * (MailboxRequest.Size(mailbox.PacketsPerPoll) + (mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry))))));
        EgressPerSecond = polls * mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry);
    }

    /// <summary>Packets that enter the network in a second; each comes back.</summary>
    public double Packets { get; }

    /// <summary>λC of all compute nodes together.</summary>
    public double ComputePerSecond { get; }

    public double PollsPerSecond { get; }

    /// <summary>Up and down, without what HTTP adds.</summary>
    public long ClientBytesPerDay { get; }

    /// <summary>Bytes from gateways to clients in a second.</summary>
    public double EgressPerSecond { get; }

    public RolePlan Gateway { get; }

    public RolePlan Mix { get; }

    public RolePlan Courier { get; }

    public RolePlan Replica { get; }

    public RolePlan Compute { get; }

    public IReadOnlyList<RolePlan> Roles => [Gateway, Mix, Courier, Replica, Compute];

    /// <summary>Storage operations of the whole network.</summary>
    public double OperationsPerSecond => Gateway.Operations + (Layers * Mix.Operations) + Courier.Operations + Replica.Operations + Compute.Operations;

    /// <summary>Nodes of a role: enough that none of its limits is fuller than <see cref="Fill"/>, and never fewer than the protocol needs.</summary>
    public static int Nodes(RolePlan role) => (int)Math.Max(
        role.Least, Math.Ceiling(Math.Max(role.Operations / AccountLimit, role.Messages / QueueLimit) / Fill));

    /// <summary>
    /// Function instances: at least one for each group of functions that cover keeps at work, for Flex Consumption scales each by itself: http, Receive and
    /// Release of a gateway, the latter two of a mix, with Slots and Replies those of a courier, Receive and Slots of a replica; compute is one container.
    /// </summary>
    public int Instances => Roles.Sum(role => (role == Mix ? Layers : 1)
        * (int)Math.Max(Nodes(role) * role.Groups, Math.Ceiling(2 * role.Messages / MessagesPerInstance)));

    /// <summary>The limits of a network with the least number of nodes, fullest first.</summary>
    public IReadOnlyList<PlanLimit> Limits => [.. Roles.SelectMany(role => (PlanLimit[])
    [
        new($"storage account of a {role.Name}", role.Operations / role.Least, AccountLimit, "more nodes of this role, each with an account of its own"),
        new($"inbound queue of a {role.Name}", role.Messages / role.Least, QueueLimit, "more nodes of this role"),
        new($"function app of a {role.Name}", 2 * role.Messages / role.Least / MessagesPerInstance, InstanceLimit, "more nodes of this role"),
    ]).Append(new PlanLimit(
        "Service Bus Standard namespace of a mix, where it is used", 4 * Mix.Messages / Mix.Least, ServiceBusCredits, "Storage queues, or Premium"))
        .OrderByDescending(limit => limit.Load)];
}
