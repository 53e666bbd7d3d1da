using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>The protocol as section 1 of the design tells it, with real cryptography and in virtual time.</summary>
public sealed class ProtocolModelTests
{
    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_file_goes_in_comes_back_and_is_deleted()
    {
        using SimulatedNetwork network = new();
        byte[] content = new byte[9_000];
        network.Random.Fill(content);
        WriteCapability write = network.Run.Until(network.Client.PutAsync(content, null, default), TimeSpan.FromMinutes(5));
        ReadCapability read = write.ToReadCapability();
        Assert.Equal(content, network.Run.Until(network.Client.GetAsync(read, 1 << 20, null, default), TimeSpan.FromMinutes(5)));
        Assert.Equal(6, network.Run.Until(network.Client.DeleteAsync(write, null, default), TimeSpan.FromMinutes(5)));
        Task<byte[]> gone = network.Client.GetAsync(read, 1 << 20, null, default);
        network.Run.Until(() => gone.IsCompleted, TimeSpan.FromMinutes(5));
        Assert.Equal(FunionError.NotFound, Assert.IsType<FunionException>(gone.Exception!.InnerException).Error);
    }

    [Fact]
    public void A_question_is_stored_computed_and_stored_and_whoever_holds_the_capability_reads_the_answer()
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromSeconds(30));
        Job? dispatched = null;
        InferenceAnswer answer = network.Run.Until(
            network.Client.InferAsync(
                "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket, null, job => dispatched = job, default),
            TimeSpan.FromMinutes(5));
        Assert.Equal([2, 4, 6, 8], answer.Tensors![0].ToFloats());
        Assert.NotNull(dispatched);
    }

    [Fact]
    public void Several_models_and_buckets_are_served_side_by_side_each_at_its_own_boundaries()
    {
        using SimulatedNetwork network = new(twoModels: true);
        network.Run.For(TimeSpan.FromMinutes(1));
        (string Model, int Bucket)[] offered = [("doubler", 5), ("other", 5), ("other", 10)];
        Task<InferenceAnswer>[] asked = [.. offered.Select((one, i) => network.Client.InferAsync(
            one.Model, [Tensor.Of("x", [1, 4], [i, 2, 3, 4])], TimeSpan.FromSeconds(one.Bucket)))];
        network.Run.Until(() => asked.All(task => task.IsCompleted), TimeSpan.FromMinutes(5));
        for (int i = 0; i < asked.Length; i++)
        {
            Assert.Equal([2 * i, 4, 6, 8], network.Run.Until(asked[i], TimeSpan.FromSeconds(1)).Tensors![0].ToFloats());
        }
        // Three batches, two of them every five seconds; a dummy whose input came late leaves a place.
        ComputeCounters counters = network.Network.Compute.Counters;
        long before = counters.Started;
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.InRange(counters.Started - before, 52, 2 * (12 + 12 + 6));
        Assert.Equal(0, counters.Overruns);
    }

    [Fact]
    public void A_malformed_question_gets_a_failure_of_the_same_size()
    {
        using SimulatedNetwork network = new();
        InferenceAnswer answer = network.Run.Until(
            network.Client.InferAsync("doubler", [Tensor.Of("wrong", [2], [1, 2])], s_bucket, null, null, default), TimeSpan.FromMinutes(5));
        Assert.Equal(InferenceFailure.WrongInput, answer.Failure);
    }

    [Fact]
    public void Batches_are_filled_with_dummies_that_come_through_the_network()
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromMinutes(3));
        ComputeCounters counters = network.Network.Compute.Counters;
        Assert.True(counters.Released > 10, $"released {counters.Released}");
        Assert.Equal(counters.Started, counters.Dummies);
        // After the first boundaries every batch is full.
        Assert.InRange(counters.Started, 2 * (counters.Rounds - 8), 2 * counters.Rounds);
    }

    [Fact]
    public void Nothing_is_lost_while_nobody_drops_packets()
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromMinutes(6));
        LoopStatistics client = network.Mixnet.Statistics, compute = network.Network.Compute.Client.Statistics;
        Assert.True(client.LoopsReturned > 350, $"returned {client.LoopsReturned}");
        Assert.Equal((0, 0), (client.LoopsLost, compute.LoopsLost));
        Assert.All(network.Network.Nodes, node => Assert.Equal((0, 0, 0), (node.Counters.Refused, node.Counters.Replayed, node.Counters.Late)));
    }
}
