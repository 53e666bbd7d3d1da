using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// One packet among those of other clients, followed by an observer of all wires who knows how many packets every node holds. Delays are exponential, so whichever
/// packet leaves a node is any of the n inside with chance 1/n: the observer's knowledge of where the packet is flows along the wires and ends as a distribution
/// over the packets that reach services. Its entropy is what he lacks; it is a matter of how many packets a node holds, λ/μ (Kesdogan, Egner, Büschkes 1998).
/// </summary>
static class Tracing
{
    /// <summary>Traces so many packets.</summary>
    public static TracingResult Trace(int clients, int meanMilliseconds, int targets, ulong seed = 7)
    {
        NetworkDocument document = World.Plan(new Rates { MeanDelayMilliseconds = meanMilliseconds });
        World world = new(document, new Protections(), seed);
        _ = new SimCompute(world, dummies: false);
        SimClient[] senders = [.. Enumerable.Range(0, clients).Select(_ => world.AddClient())];
        Flow flow = new(world, senders[0].Index);
        world.Follower = flow;
        world.Events.Run(TimeSpan.FromSeconds(30 + (meanMilliseconds / 20.0)));
        flow.Wanted = targets;
        long before = Through(world);
        double began = world.Events.Seconds;
        while (flow.Bits.Count < targets)
        {
            world.Events.Run(TimeSpan.FromSeconds(5));
        }
        double perMix = (Through(world) - before) / (world.Events.Seconds - began) / (NetworkTopology.Layers * document.Mixes(1).Count);
        double[] bits = [.. flow.Bits.Order()];
        return new TracingResult(clients, meanMilliseconds, perMix * meanMilliseconds / 1_000, bits.Average(), bits[bits.Length / 20]);
    }

    /// <summary>Packets that mixes took in.</summary>
    static long Through(World world) => world.Recorder.Links.Where(link => link.To < world.Nodes.Count && world.Nodes[link.To].Role == NodeRole.Mix)
        .Sum(link => world.Recorder.Link(link.From, link.To).Total);

    sealed class Flow(World world, int sender) : Follower
    {
        readonly int[] _inside = new int[world.Nodes.Count];
        readonly Dictionary<int, double> _mass = [];
        readonly List<double> _ends = [];
        NullPacket? _target;
        double _since;

        public int Wanted { get; set; }

        public List<double> Bits { get; } = [];

        public override void Held(int node, NullPacket packet)
        {
            _inside[node]++;
            if (_target is null && Bits.Count < Wanted && node == world.Gateway && packet.Mailbox >= 0 && !packet.Answered
                && world.Clients[packet.Mailbox].Index == sender)
            {
                _target = packet;
                _since = world.Events.Seconds;
                _mass.Clear();
                _ends.Clear();
                _mass[node] = 1;
            }
        }

        public override void Left(int node, int next)
        {
            int inside = _inside[node]--;
            if (_target is null || !_mass.TryGetValue(node, out double mass))
            {
                return;
            }
            double share = mass / inside;
            // The last one inside takes all of it along.
            _mass[node] = inside == 1 ? 0 : mass - share;
            if (next < 0)
            {
                // A reply that came home at the gateway: not a packet that goes out.
                return;
            }
            if (world.Nodes[next].Role is NodeRole.Courier or NodeRole.Compute)
            {
                if (share > 0)
                {
                    _ends.Add(share);
                }
            }
            else if (world.Nodes[next].Role == NodeRole.Mix)
            {
                _mass[next] = _mass.GetValueOrDefault(next) + share;
            }
            if (_mass.Values.Sum() < 1e-3 || world.Events.Seconds - _since > 100 * world.Document.Rates.MeanDelay.TotalSeconds)
            {
                // What went another way was not the target: of what reached services it is one.
                double sum = _ends.Sum();
                Bits.Add(sum > 0 ? -_ends.Sum(end => end / sum * Math.Log2(end / sum)) : 0);
                _target = null;
            }
        }
    }
}
