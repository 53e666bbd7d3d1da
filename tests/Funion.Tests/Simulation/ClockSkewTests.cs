using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Tests.Simulation;

/// <summary>Every node by a clock of its own: what the document's grace covers is not noticed, what it does not has a name.</summary>
public sealed class ClockSkewTests
{
    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000, MixLoopPerKilosecond = 500, GatewayLoopPerKilosecond = 500 },
    };

    public enum Skew
    {
        NodesAhead,
        NodesBehind,
        NodesEitherWay,
        ClientAhead,
        ClientBehind,
    }

    [Theory]
    [InlineData(Skew.NodesAhead)]
    [InlineData(Skew.NodesBehind)]
    [InlineData(Skew.NodesEitherWay)]
    [InlineData(Skew.ClientAhead)]
    [InlineData(Skew.ClientBehind)]
    public void Minutes_apart_around_a_turn_of_all_epochs_everything_works(Skew skew)
    {
        // Either way twice: four minutes between two of them, of the six that the grace lasts.
        using SimulatedNetwork network = new(s_options, dummies: false, skew: name => TimeSpan.FromMinutes(skew switch
        {
            Skew.NodesAhead => name == SimulatedNetwork.Client0 ? 0 : 4,
            Skew.NodesBehind => name == SimulatedNetwork.Client0 ? 0 : -4,
            Skew.NodesEitherWay => name[^1] % 2 == 0 ? 2 : -2,
            Skew.ClientAhead => name == SimulatedNetwork.Client0 ? 4 : 0,
            _ => name == SimulatedNetwork.Client0 ? -4 : 0,
        }));
        Assert.True(network.Document.KeyGrace > TimeSpan.FromMinutes(5));
        BeforeTheTurn(network, TimeSpan.FromSeconds(20));
        byte[] content = new byte[1_500];
        network.Random.Fill(content);
        WriteCapability write = network.Run.Until(network.Client.PutAsync(content, null, default), TimeSpan.FromMinutes(10));
        InferenceAnswer answer = network.Run.Until(Ask(network), TimeSpan.FromMinutes(10));
        Assert.True(answer.Tensors is [Tensor y] && y.ToFloats() is [2, 4, 6, 8], $"{answer.Failure}");
        Assert.Equal(content, network.Run.Until(network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default), TimeSpan.FromMinutes(10)));
        Assert.All(network.Network.Nodes, node => Assert.Equal(0, node.Counters.Refused));
    }

    [Fact]
    public void A_mix_that_is_days_off_refuses_and_counts_and_the_question_is_answered_or_overruns()
    {
        using SimulatedNetwork network = new(
            s_options, dummies: false, skew: name => name == "mix-2-1" ? TimeSpan.FromDays(3) : TimeSpan.Zero);
        InferenceAnswer answer = network.Run.Until(Ask(network), TimeSpan.FromMinutes(30));
        Assert.True(answer.Tensors is [Tensor y] ? y.ToFloats() is [2, 4, 6, 8] : answer.Failure == InferenceFailure.Overrun, $"{answer.Failure}");
        Assert.True(network.Network.Nodes.Single(node => node.Descriptor.Name == "mix-2-1").Counters.Refused > 0);
        Assert.All(network.Network.Nodes.Where(node => node.Descriptor.Name != "mix-2-1"), node => Assert.Equal(0, node.Counters.Refused));
        network.Run.For(TimeSpan.FromMinutes(2));
        Assert.True(network.Mixnet.Statistics.LoopsLost > 10);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public void A_client_that_is_days_off_is_told_so_at_once(int days)
    {
        using SimulatedNetwork network = new(
            s_options, dummies: false, skew: name => name == SimulatedNetwork.Client0 ? TimeSpan.FromDays(days) : TimeSpan.Zero);
        Task<InferenceAnswer> asked = Ask(network);
        Assert.True(asked.IsCompleted);
        FunionException refused = Assert.IsType<FunionException>(asked.Exception?.InnerException);
        Assert.Equal(FunionError.Unreachable, refused.Error);
        Assert.Contains("clock", refused.Message, StringComparison.Ordinal);
    }

    static void BeforeTheTurn(SimulatedNetwork network, TimeSpan before)
    {
        // Of replicas too; the days until then pass without traffic.
        DateTimeOffset turn = network.Document.ReplicaEpochStart(network.Document.ReplicaEpochAt(network.Time.GetUtcNow()) + 1);
        while (network.NextAdvance < turn)
        {
            network.Time.AdvanceTo(network.NextAdvance);
            network.Advance();
        }
        network.Time.AdvanceTo(turn - before - TimeSpan.FromSeconds(5));
        network.Restart();
        network.Run.For(TimeSpan.FromSeconds(5));
    }

    static Task<InferenceAnswer> Ask(SimulatedNetwork network) => network.Client.InferAsync(
        "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, null, default);
}
