using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Contracts;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tokens;

namespace Funion.Tests.Simulation;

/// <summary>The whole network with real cryptography, in memory and in virtual time, with one client beside it.</summary>
sealed class SimulatedNetwork : IDisposable
{
    readonly LocalNetworkPlan _plan;
    readonly Func<LocalNetwork> _build;
    readonly Func<string, TimeSpan> _skew;
    NetworkDocument? _replaced;

    public SimulatedNetwork(
        LocalNetworkOptions? options = null, int seed = 1, bool dummies = true, Func<LocalPorts, string, LocalPorts>? wrap = null,
        Func<NodeId, RandomSource>? slotDraws = null, bool twoModels = false, Func<string, TimeSpan>? skew = null)
    {
        _skew = skew ?? (_ => TimeSpan.Zero);
        LocalNetworkOptions shape = options ?? new LocalNetworkOptions { UserPayload = 2_000 };
        Random = new SeededRandom(seed);
        _plan = LocalNetworkPlan.Create(
            shape with { Models = twoModels ? [Doubler(shape.UserPayload), Doubler(shape.UserPayload, "other", 10)] : [Doubler(shape.UserPayload)] },
            Time.GetUtcNow());
        _build = () => new LocalNetwork(Document, _plan.Nodes, Double, dummies, name =>
        {
            if (!Ports.TryGetValue(name, out LocalPorts? ports))
            {
                Ports[name] = ports = new LocalPorts(new MemoryBoxStore(), new MemoryPacketQueue(ClockOf(name)), TimeSpan.Zero);
            }
            return wrap is null ? ports : wrap(ports, name);
        }, Random, Time, slotDraws, ClockOf);
        Network = _build();
        Mixnet = NewClient();
        Client = new FunionClient(Mixnet, tokens: Wallet);
        OneBatchBudget budget = new(new MemoryBoxStore(), TokensAnEpoch, _ => true);
        Issuer = _plan.Issuer is { } issuer ? new TokenIssuer(issuer, budget.GrantAsync) : null;
        Supply = new TokenSupply(
            Wallet, () => Mixnet.Document, async (batch, cancellation) => await Issuer!.IssueAsync("client", batch, cancellation), Random, Time);
        Run = Drive();
    }

    public VirtualTime Time { get; } = new();

    public SeededRandom Random { get; }

    public IReadOnlyList<NodeKeys> Keys => _plan.Nodes;

    public NetworkDocument Document => _replaced ?? _plan.Document;

    public Dictionary<string, LocalPorts> Ports { get; } = [];

    public LocalNetwork Network { get; private set; }

    public MixnetClient Mixnet { get; }

    public FunionClient Client { get; }

    public VirtualRun Run { get; private set; }

    public const int TokensAnEpoch = 4;

    /// <summary>The client's name where clocks differ.</summary>
    public const string Client0 = "client";

    /// <summary>Nodes whose processes are not there, from the next restart on. Their queues are, as a broker's would be.</summary>
    public HashSet<string> Away { get; } = [];

    /// <summary>The client's tokens, in a network that demands them.</summary>
    public MemoryTokenWallet Wallet { get; } = new();

    public TokenSupply Supply { get; }

    public TokenIssuer? Issuer { get; }

    /// <summary>A model that doubles its four numbers; anything else is a wrong input.</summary>
    static ModelEntry Doubler(int userPayload, string name = "doubler", int more = 0) => LocalModel.Entry(
        name, new string('a', 64), [new TensorSpec("x", "FP32", [1, 4])], [new TensorSpec("y", "FP32", [1, 4])], null, userPayload,
        more == 0 ? [TimeSpan.FromSeconds(5)] : [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(more)], batch: 2);

    public MixnetClient NewClient() => new(
        Document, Document.Gateways[0], Network.ConnectTo(Document.Gateways[0].Id), SenderRates.OfClient(Document), Random, ClockOf(Client0));

    /// <summary>Keys turn as the time demands: nodes begin again under the document that is due, the client takes it over, or not.</summary>
    public void Advance(bool adopt = true)
    {
        Network.Dispose();
        bool turned = _plan.Advance(Time.GetUtcNow());
        Restart();
        if (adopt && turned)
        {
            Assert.True(Mixnet.TryAdopt(Document));
        }
    }

    /// <summary>Another version of the document takes the place of this one, keys and all the same: nodes begin again with it, the client takes it over.</summary>
    public void Replace()
    {
        Assert.Empty(NetworkAuthority.Make(Document, Document, Time.GetUtcNow(), NetworkRules.FewestReplicas, out NetworkDocument? next));
        _replaced = next;
        Network.Dispose();
        Restart();
        Assert.True(Mixnet.TryAdopt(Document));
    }

    /// <summary>When the keys turn next.</summary>
    public DateTimeOffset NextAdvance => _plan.NextAdvance(Time.GetUtcNow());

    /// <summary>Every node's process ends where it is and begins again over what its ports kept; the client goes on.</summary>
    public void Restart()
    {
        Network = _build();
        Run = Drive();
    }

    /// <summary>Runs something to its end, and lives on after every crash that <paramref name="faults"/> brings.</summary>
    public void Restarting(FaultPlan faults, Action run)
    {
        while (true)
        {
            try
            {
                run();
                return;
            }
            catch (CrashException)
            {
                faults.Restart();
                Restart();
            }
        }
    }

    VirtualRun Drive()
    {
        VirtualRun run = new(Time);
        foreach (LocalNode node in Network.Nodes.Where(node => !Away.Contains(node.Descriptor.Name)))
        {
            Actor[] actors = [node.Pump, node.SlotPump, .. node.Timers, .. node.Descriptor.Role == NodeRole.Compute ? Network.Compute.Actors : []];
            run.Add(actors.Select(actor => Skewed(actor, node.Descriptor.Name)));
        }
        run.Add(Skewed(Mixnet, Client0), Supply);
        return run;
    }

    TimeProvider ClockOf(string name) => _skew(name) == TimeSpan.Zero ? Time : new SkewedClock(Time, _skew(name));

    Actor Skewed(Actor actor, string name) => _skew(name) == TimeSpan.Zero ? actor : new SkewedActor(actor, _skew(name));

    public void Dispose()
    {
        Supply.Dispose();
        _plan.Dispose();
        Mixnet.Dispose();
        Network.Dispose();
    }

    /// <summary>A model that doubles its four numbers; anything else is a wrong input.</summary>
    static ValueTask<IReadOnlyList<byte[]>> Double(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<byte[]>>([.. inputs.Select(Double)]);

    static byte[] Double(ReadOnlyMemory<byte> input) => TensorCodec.TryParse(input) switch
    {
        [{ Name: "x", Datatype: Datatype.FP32, Shape: [1, 4] } x] =>
            InferenceAnswer.Result([Tensor.Of("y", [1, 4], [.. x.ToFloats().Select(value => 2 * value)])]),
        null => InferenceAnswer.Fail(InferenceFailure.Malformed),
        _ => InferenceAnswer.Fail(InferenceFailure.WrongInput),
    };
}
