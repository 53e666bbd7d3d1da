using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Tests.Simulation;

/// <summary>A replica is gone for a week and comes back, and a document takes the place of another while things are under way.</summary>
public sealed class AbsenceTests
{
    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, Replicas = 4, MixesPerLayer = 1, Rates = new Rates { LinkPerKilosecond = 2_000, ComputePerKilosecond = 4_000 },
    };

    static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_replica_that_was_gone_for_a_week_has_what_was_written_meanwhile_and_gives_nothing_that_was_deleted()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        (byte[] kept, byte[] gone, byte[] late) = (Random(network), Random(network), Random(network));
        WriteCapability keeps = Put(network, kept), goes = Put(network, gone);
        network.Run.For(TimeSpan.FromSeconds(20));
        network.Away.Add("replica-1");
        network.Restart();
        network.Run.Until(network.Client.DeleteAsync(goes, null, default), s_long);
        WriteCapability comes = Put(network, late);
        network.Run.For(TimeSpan.FromMinutes(1));
        PassTo(network, network.Time.GetUtcNow() + TimeSpan.FromDays(7));
        network.Away.Clear();
        network.Restart();
        network.Run.For(TimeSpan.FromMinutes(3));
        // Through whichever replicas: several times, for each read draws others.
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(kept, Get(network, keeps));
            Assert.Equal(late, Get(network, comes));
            Task<byte[]> deleted = network.Client.GetAsync(goes.ToReadCapability(), 1 << 20, null, default);
            network.Run.Until(() => deleted.IsCompleted, s_long);
            Assert.Equal(FunionError.NotFound, Assert.IsType<FunionException>(deleted.Exception?.InnerException).Error);
        }
    }

    [Fact]
    public void A_document_that_takes_the_place_of_another_loses_nothing_that_is_under_way()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        WriteCapability before = Put(network, Random(network));
        Task<InferenceAnswer> asked = network.Client.InferAsync(
            "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, null, default);
        byte[] content = Random(network);
        Task<WriteCapability> put = network.Client.PutAsync(content, null, default);
        for (int i = 0; i < 4; i++)
        {
            // Another version of the same epoch: nodes begin again with it wherever they are.
            network.Run.For(TimeSpan.FromSeconds(3));
            network.Replace();
            network.Run.For(TimeSpan.FromSeconds(1));
            Assert.Same(network.Document, network.Mixnet.Document);
        }
        Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, s_long).Tensors![0].ToFloats());
        Assert.Equal(content, Get(network, network.Run.Until(put, s_long)));
        Assert.Equal(1_500, Get(network, before).Length);
    }

    static byte[] Random(SimulatedNetwork network)
    {
        byte[] content = new byte[1_500];
        network.Random.Fill(content);
        return content;
    }

    static WriteCapability Put(SimulatedNetwork network, byte[] content) => network.Run.Until(network.Client.PutAsync(content, null, default), s_long);

    static byte[] Get(SimulatedNetwork network, WriteCapability stream) =>
        network.Run.Until(network.Client.GetAsync(stream.ToReadCapability(), 1 << 20, null, default), s_long);

    /// <summary>Days pass in which nothing is sent, but for every turn of keys.</summary>
    static void PassTo(SimulatedNetwork network, DateTimeOffset time)
    {
        while (network.NextAdvance <= time)
        {
            network.Time.AdvanceTo(network.NextAdvance);
            network.Advance();
            network.Run.For(TimeSpan.FromMilliseconds(100));
        }
        network.Time.AdvanceTo(time);
    }
}
