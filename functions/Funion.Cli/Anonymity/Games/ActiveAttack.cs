using Funion.Cli.Anonymity.Simulation;
using Funion.Cli.Benches;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// Active attacks and who notices: an attacker at one node, and the loops of clients, mixes and gateways, judged as `funion status` judges them, by segment
/// (<see cref="LoopLoss"/>), every five seconds; and the requests of a client who asks all the time.
/// </summary>
/// <param name="name">For the table.</param>
/// <param name="kind">What is done.</param>
/// <param name="node">Where, by the node's name.</param>
/// <param name="part">To what part of the packets.</param>
/// <param name="hold">How long packets are held back.</param>
sealed class ActiveAttack(string name, AttackKind kind, string node, double part, TimeSpan hold = default)
{
    static readonly TimeSpan s_longest = TimeSpan.FromMinutes(15);

    public static IReadOnlyList<ActiveAttack> All =>
    [
        new("nobody attacks", AttackKind.None, "mix-2-0", 0),
        new("a mix drops all", AttackKind.Drop, "mix-2-0", 1),
        new("a mix drops 10 %", AttackKind.Drop, "mix-2-0", 0.1),
        new("a gateway drops 10 %", AttackKind.Drop, "gateway-0", 0.1),
        new("a mix lets one client through (n - 1)", AttackKind.LetOneThrough, "mix-1-0", 1),
        new("a mix delays all by 10 s", AttackKind.Delay, "mix-2-0", 1, TimeSpan.FromSeconds(10)),
        new("a mix delays 10 % by 60 s", AttackKind.Delay, "mix-2-0", 0.1, TimeSpan.FromSeconds(60)),
        // The first layer knows what comes from a gateway, the third what goes to one; the second knows neither from the other.
        new("a mix tags 10 % of what goes out", AttackKind.TagForward, "mix-1-0", 0.1),
        new("a gateway tags 10 % of what goes out", AttackKind.TagForward, "gateway-0", 0.1),
        new("a first mix tags 10 % of replies", AttackKind.TagReply, "mix-1-0", 0.1),
        new("a mix tags all replies", AttackKind.TagReply, "mix-3-0", 1),
        new("a courier drops envelopes, not loops", AttackKind.DropEnvelopes, "courier-0", 1),
    ];

    public string Name => name;

    public ActiveAttackResult Run(int runs, ulong seed = 3)
    {
        List<(double Loops, double Seconds)> client = [], nodes = [];
        long destroyed = 0, confirmed = 0, damaged = 0, resent = 0;
        for (int run = 0; run < runs; run++)
        {
            World world = new(World.Plan(), new Protections(), seed + (ulong)run);
            SimClient victim = world.AddClient(), asking = world.AddClient();
            _ = new SimCompute(world, dummies: false);
            victim.CountsLost = true;
            foreach (SimLoops loops in world.Loops)
            {
                loops.CountsLost = true;
            }
            world.Events.Run(TimeSpan.FromSeconds(20));
            Attacker attacker = new(world, kind, world.IndexOf(world.Nodes.First(found => found.Name == node).Id), part, hold, victim.Index);
            world.Interference = attacker;
            _ = AskAsync(world, asking);
            (double Loops, double Seconds)? byClient = null, byNodes = null;
            double began = world.Events.Seconds;
            while (world.Events.Seconds - began < s_longest.TotalSeconds && (byClient is null || byNodes is null))
            {
                world.Events.Run(TimeSpan.FromSeconds(5));
                double seconds = world.Events.Seconds - began;
                byClient ??= ByLoops(victim, seconds) ?? ByRequests(asking, seconds);
                foreach (IGrouping<(NodeRole, int), SimLoops> segment in world.Loops.GroupBy(loops => (loops.Node.Role, loops.Node.Layer)))
                {
                    long returned = segment.Sum(loops => loops.Returned), lost = segment.Sum(loops => loops.Lost), changed = segment.Sum(loops => loops.Damaged);
                    byNodes ??= LoopLoss.Judge(returned, lost, changed, segment.Sum(loops => loops.Late)) == LossVerdict.Attack
                        ? (returned + lost + changed, seconds)
                        : null;
                }
            }
            client.Add(byClient ?? (double.PositiveInfinity, double.PositiveInfinity));
            nodes.Add(byNodes ?? (double.PositiveInfinity, double.PositiveInfinity));
            destroyed += attacker.Destroyed;
            confirmed += world.Refused;
            damaged += victim.Loops.Damaged + world.Loops.Sum(loops => loops.Damaged);
            resent += asking.Loops.Resends;
        }
        return new ActiveAttackResult(
            name, runs, Noticed(client), Timing.Median(client.Select(found => found.Loops)), Timing.Median(client.Select(found => found.Seconds)),
            client.Max(found => found.Loops), Noticed(nodes), Timing.Median(nodes.Select(found => found.Loops)), Timing.Median(nodes.Select(found => found.Seconds)),
            nodes.Max(found => found.Loops), destroyed, confirmed, damaged, resent);
    }

    static (double Loops, double Seconds)? ByLoops(SimClient client, double seconds) =>
        LoopLoss.Judge(client.Loops.Returned, client.Loops.Lost, client.Loops.Damaged, client.Loops.Late) == LossVerdict.Attack
            ? (client.Loops.Returned + client.Loops.Lost + client.Loops.Damaged, seconds)
            : null;

    /// <summary>Where loops are spared, requests tell.</summary>
    static (double Loops, double Seconds)? ByRequests(SimClient client, double seconds) =>
        LoopLoss.Judge(client.Loops.Answered, client.Loops.Resends, LoopLoss.ResendNoise) == LossVerdict.Attack ? (client.Loops.Answered + client.Loops.Resends, seconds) : null;

    static int Noticed(List<(double Loops, double Seconds)> found) => found.Count(one => !double.IsInfinity(one.Loops));

    /// <summary>Somebody has something real to say all the time, or a courier that drops only that would have nothing to drop.</summary>
    static async Task AskAsync(World world, SimClient client)
    {
        SimBoxes boxes = new(world, client);
        while (true)
        {
            await boxes.WriteAsync(new SimBox(world.Replicas.Count, world.Random));
        }
    }

    sealed class Attacker(World world, AttackKind kind, int node, double part, TimeSpan hold, int victim) : Interference
    {
        /// <summary>Packets that will not do what they were sent for.</summary>
        public long Destroyed { get; private set; }

        public override bool Passes(int from, int to, NullPacket packet, out TimeSpan extra)
        {
            extra = TimeSpan.Zero;
            bool envelope = packet.Request is SimEnvelope && !packet.Answered;
            bool hit = kind switch
            {
                AttackKind.None => false,
                AttackKind.TagForward => to == node && !packet.Answered,
                AttackKind.TagReply => to == node && packet.Answered,
                AttackKind.DropEnvelopes => to == node && envelope,
                AttackKind.LetOneThrough => to == node && !(packet.Mailbox >= 0 && world.Clients[packet.Mailbox].Index == victim && !packet.Answered),
                _ => to == node,
            };
            if (!hit || (part < 1 && world.Random.NextDouble() >= part))
            {
                return true;
            }
            if (kind == AttackKind.Delay)
            {
                extra = hold;
                return true;
            }
            Destroyed++;
            packet.Tagged = kind is AttackKind.TagForward or AttackKind.TagReply;
            return packet.Tagged;
        }
    }
}
