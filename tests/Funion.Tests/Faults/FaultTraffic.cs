using System.Collections.Concurrent;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Faults;

/// <summary>A network that lives through everything a client can ask of it, and the moments at which its nodes took messages.</summary>
sealed class FaultTraffic : IDisposable
{
    /// <summary>Of messages that look alike from outside, in each part of the run.</summary>
    const int MomentsOfAKind = 40;

    static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    readonly Dictionary<(string Part, NodeRole Role, string Queue, byte Kind), int> _seen = [];
    readonly List<Moment> _moments = [];
    string _part = "";

    public FaultTraffic()
    {
        ConcurrentDictionary<string, LocalPorts> ports = [];
        // Slow links: what a slot finds waiting is a kind of its own, and so is what it does not.
        LocalNetworkOptions options = new()
        {
            UserPayload = 2_000, MixesPerLayer = 1,
            Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000, MixLoopPerKilosecond = 500, GatewayLoopPerKilosecond = 500 },
        };
        SimulatedNetwork? made = null;
        Network = made = new SimulatedNetwork(options, dummies: false, wrap: (plain, name) => ports.GetOrAdd(name, _ => Watched(name, () => made!)));
        Network.Run.For(TimeSpan.FromSeconds(5));
        byte[] content = new byte[3_000];
        Network.Random.Fill(content);
        Part("put");
        WriteCapability write = Network.Run.Until(Network.Client.PutAsync(content, null, default), s_long);
        Part("get");
        Assert.Equal(content, Network.Run.Until(Network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default), s_long));
        Part("delete");
        Network.Run.Until(Network.Client.DeleteAsync(write, null, default), s_long);
        Part("copy");
        Network.Run.Until(Network.Client.PutAllAsync(content, null, default), s_long);
        Part("infer");
        Assert.NotNull(Network.Run.Until(
            Network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, null, default), s_long).Tensors);
        _part = "";
    }

    public SimulatedNetwork Network { get; }

    public IReadOnlyList<Moment> Moments => _moments;

    public void Dispose() => Network.Dispose();

    void Part(string name) => _part = name;

    LocalPorts Watched(string name, Func<SimulatedNetwork> network)
    {
        RewindableStore store = new();
        // The network is still being made when a node asks for its ports; its clock is there before anything runs.
        LateClock time = new(() => network().Time);
        RewindableQueue queue = new(time);
        queue.Taking += (from, message) =>
        {
            NodeRole role = network().Document.Nodes.First(node => node.Name == name).Role;
            // What tells kinds apart on a queue of several lies in the first byte, or behind a time.
            byte kind = from == QueueNames.ReplicaIn ? message.Span[0] : QueueNames.WaitsForSlot(from) || message.Length < 9 ? (byte)0 : message.Span[8];
            (string, NodeRole, string, byte) key = (_part, role, from, from.EndsWith("-in", StringComparison.Ordinal) && from != QueueNames.ReplicaIn ? (byte)0 : kind);
            int seen = _seen.GetValueOrDefault(key);
            if (_part.Length > 0 && seen < MomentsOfAKind && !QueueNames.WaitsForSlot(from))
            {
                _seen[key] = seen + 1;
                _moments.Add(new Moment(name, role, from, message.ToArray(), time.GetUtcNow(), store.State, queue.State));
            }
        };
        return new LocalPorts(store, queue, TimeSpan.Zero);
    }

    sealed class LateClock(Func<TimeProvider> time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time().GetUtcNow();
    }
}
