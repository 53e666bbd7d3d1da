using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>Keys turn while packets, jobs and files are under way: nothing is lost, and what is past opens no more.</summary>
public sealed class RolloverTests
{
    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5);

    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000, MixLoopPerKilosecond = 1_000, GatewayLoopPerKilosecond = 1_000 },
    };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    public void A_question_under_way_at_the_turn_is_answered(int secondsBefore)
    {
        using SimulatedNetwork network = BeforeTheTurn(TimeSpan.FromSeconds(secondsBefore));
        long epoch = network.Document.Epoch;
        Task<InferenceAnswer> asked = Ask(network);
        network.Run.For(TimeSpan.FromSeconds(secondsBefore));
        network.Advance();
        Assert.Equal(epoch + 1, network.Document.Epoch);
        Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, TimeSpan.FromMinutes(10)).Tensors![0].ToFloats());
    }

    [Fact]
    public void No_packet_is_lost_at_the_turn_nor_when_the_old_keys_are_wiped()
    {
        using SimulatedNetwork network = BeforeTheTurn(TimeSpan.FromMinutes(1));
        network.Run.For(TimeSpan.FromMinutes(1));
        network.Advance();
        network.Run.For(TimeSpan.FromMinutes(2));
        Assert.Equal(network.Document.EpochStart(network.Document.Epoch) + network.Document.KeyGrace, network.NextAdvance);
        network.Run.For(network.NextAdvance - network.Time.GetUtcNow());
        network.Advance();
        network.Run.For(TimeSpan.FromMinutes(2));
        Assert.True(network.Mixnet.Statistics.LoopsReturned > 150);
        Assert.Equal(0, network.Mixnet.Statistics.LoopsLost);
        Assert.All(network.Network.Nodes, node => Assert.Equal((0, 0), (node.Counters.Refused, node.Counters.Replayed)));
    }

    [Fact]
    public void A_packet_of_a_past_epoch_does_not_open_with_what_the_node_has_left()
    {
        List<byte[]> recorded = [];
        using SimulatedNetwork network = BeforeTheTurn(TimeSpan.FromMinutes(1), (ports, name) => name == "mix-1-0"
            ? ports with
            {
                Queue = new Tap(ports.Queue, (queue, message) =>
                {
                    if (queue == QueueNames.MixIn)
                    {
                        recorded.Add(message.ToArray());
                    }
                }),
            }
            : ports);
        network.Run.For(TimeSpan.FromMinutes(1));
        byte[][] past = [.. recorded.Take(10)];
        Assert.Equal(10, past.Length);
        network.Advance();
        // The control: within the grace they open, and are known as replays.
        Assert.Equal((0, 10), Replay(network, past));
        network.Time.AdvanceTo(network.NextAdvance);
        network.Advance();
        Assert.Equal((10, 0), Replay(network, past));
        Assert.All(network.Keys, node => Assert.DoesNotContain(
            node.Keys, key => node.Role != NodeRole.Replica && key.Epoch < network.Document.Epoch));
        Assert.All(network.Keys, node => Assert.DoesNotContain(node.JobKeys, key => key.Epoch < network.Document.Epoch));
    }

    [Fact]
    public void A_client_that_has_not_heard_of_the_turn_goes_on_with_its_document()
    {
        using SimulatedNetwork network = BeforeTheTurn(TimeSpan.FromSeconds(5));
        network.Run.For(TimeSpan.FromSeconds(5));
        network.Advance(adopt: false);
        Assert.True(network.Mixnet.Document.Version < network.Document.Version);
        Assert.Equal([2, 4, 6, 8], network.Run.Until(Ask(network), TimeSpan.FromMinutes(10)).Tensors![0].ToFloats());
    }

    [Fact]
    public void A_file_outlives_its_replica_epoch_by_one_and_no_more()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        byte[] content = new byte[3_000];
        network.Random.Fill(content);
        network.Run.For(TimeSpan.FromSeconds(10));
        WriteCapability write = network.Run.Until(network.Client.PutAsync(content, null, default), TimeSpan.FromMinutes(5));
        network.Run.For(TimeSpan.FromMinutes(1));
        long epoch = network.Document.ReplicaEpochAt(network.Time.GetUtcNow());
        PassTo(network, network.Document.ReplicaEpochStart(epoch + 1));
        Assert.Equal(content, network.Run.Until(network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default), TimeSpan.FromMinutes(5)));
        PassTo(network, network.Document.ReplicaEpochStart(epoch + 2));
        // The sweep takes it away as a whole.
        network.Run.For(TimeSpan.FromMinutes(6));
        Task<byte[]> gone = network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default);
        network.Run.Until(() => gone.IsCompleted, TimeSpan.FromMinutes(5));
        Assert.Equal(FunionError.NotFound, Assert.IsType<FunionException>(gone.Exception!.InnerException).Error);
        foreach (string name in network.Ports.Keys.Where(name => name.StartsWith("replica", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain(epoch, network.Ports[name].Store.ListEpochsAsync(ReplicaRole.Shelf, default).ToBlockingEnumerable());
        }
    }

    [Fact]
    public void A_sender_takes_over_nothing_older_and_nothing_that_would_show()
    {
        using SimulatedNetwork network = BeforeTheTurn(TimeSpan.FromSeconds(5));
        NetworkDocument first = network.Document;
        network.Run.For(TimeSpan.FromSeconds(5));
        network.Advance();
        network.Run.For(TimeSpan.FromSeconds(1));
        NetworkDocument second = network.Document;
        Assert.Same(second, network.Mixnet.Document);
        Assert.False(network.Mixnet.TryAdopt(first));
        Assert.False(network.Mixnet.TryAdopt(second));
        NetworkDocument third = second with { Version = second.Version + 1 };
        // A rate of one's own would single a client out.
        Assert.False(network.Mixnet.TryAdopt(third with { Rates = third.Rates with { ClientPerKilosecond = 2_000 } }));
        Assert.False(network.Mixnet.TryAdopt(third with { Geometry = new GeometryParameters(1_000) }));
        Assert.False(network.Mixnet.TryAdopt(third with { Nodes = [.. third.Nodes.Where(node => node.Role != NodeRole.Gateway)] }));
        Assert.True(network.Mixnet.TryAdopt(third));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Keys_are_taken_around_their_epoch_and_no_longer(int offset, bool accepted)
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        NetworkDocument document = network.Document;
        long epoch = document.Epoch;
        DateTimeOffset start = document.EpochStart(epoch), end = document.EpochStart(epoch + 1);
        DateTimeOffset at = offset switch
        {
            -1 => start - document.KeyGrace - TimeSpan.FromTicks(1),
            0 => start - document.KeyGrace,
            1 => end + document.KeyGrace - TimeSpan.FromTicks(1),
            _ => end + document.KeyGrace,
        };
        Assert.Equal(accepted, document.AcceptsEpoch(epoch, at));
        Assert.True(document.AcceptsEpoch(epoch, start) && document.AcceptsEpoch(epoch, end));
    }

    static SimulatedNetwork BeforeTheTurn(
        TimeSpan before, Func<Funion.Cli.LocalNetwork.LocalPorts, string, Funion.Cli.LocalNetwork.LocalPorts>? wrap = null)
    {
        SimulatedNetwork network = new(s_options, dummies: false, wrap: wrap);
        network.Time.AdvanceTo(network.Document.EpochStart(network.Document.Epoch + 1) - before - TimeSpan.FromSeconds(10));
        network.Run.For(TimeSpan.FromSeconds(10));
        return network;
    }

    /// <summary>Lets days pass in which nothing is sent, with every turn of keys that falls due.</summary>
    static void PassTo(SimulatedNetwork network, DateTimeOffset time)
    {
        while (network.NextAdvance <= time)
        {
            network.Time.AdvanceTo(network.NextAdvance);
            network.Advance();
            network.Run.For(TimeSpan.FromSeconds(2));
        }
    }

    static Task<InferenceAnswer> Ask(SimulatedNetwork network) =>
        network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket, null, null, default);

    /// <summary>Sends packets to a mix again; how many were refused and how many known as replays.</summary>
    static (long Refused, long Replayed) Replay(SimulatedNetwork network, byte[][] packets)
    {
        HopCounters counters = network.Network.Nodes.Single(node => node.Descriptor.Name == "mix-1-0").Counters;
        (long refused, long replayed) = (counters.Refused, counters.Replayed);
        foreach (byte[] packet in packets)
        {
            ValueTask put = network.Ports["mix-1-0"].Queue.EnqueueAsync(QueueNames.MixIn, packet, TimeSpan.Zero, default);
            Assert.True(put.IsCompletedSuccessfully);
        }
        network.Run.For(TimeSpan.FromMilliseconds(10));
        return (counters.Refused - refused, counters.Replayed - replayed);
    }
}
