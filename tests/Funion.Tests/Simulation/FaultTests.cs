using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>Disks rot and processes die; what was stored is read, what was asked is answered.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flipped_byte_in_a_stored_box_is_detected_and_the_other_copy_is_used(int copiesDamaged)
    {
        using SimulatedNetwork network = new(dummies: false);
        byte[] content = new byte[9_000];
        network.Random.Fill(content);
        WriteCapability write = network.Run.Until(network.Client.PutAsync(content, null, default), TimeSpan.FromMinutes(5));
        network.Run.For(TimeSpan.FromSeconds(5));
        Assert.Equal(6 * copiesDamaged, Damage(network, copiesDamaged));
        Task<byte[]> get = network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default);
        network.Run.Until(() => get.IsCompleted, TimeSpan.FromMinutes(20));
        if (copiesDamaged == 1)
        {
            Assert.True(get.IsCompletedSuccessfully);
            Assert.Equal(content, network.Run.Until(get, TimeSpan.Zero));
        }
        else
        {
            // The control: with both copies damaged nothing false is believed.
            Assert.IsType<FunionException>(get.Exception?.InnerException);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(14)]
    [InlineData(19)]
    public void Whenever_every_process_dies_and_begins_again_the_client_still_gets_its_answer(int afterSeconds)
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromSeconds(20));
        Task<InferenceAnswer> asked = network.Client.InferAsync(
            "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, null, default);
        network.Run.For(TimeSpan.FromSeconds(afterSeconds));
        network.Restart();
        InferenceAnswer answer = network.Run.Until(asked, TimeSpan.FromMinutes(10));
        Assert.Equal([2, 4, 6, 8], answer.Tensors![0].ToFloats());
    }

    /// <summary>Flips a byte in so many copies of every stored box; gives the number of copies.</summary>
    static int Damage(SimulatedNetwork network, int copies)
    {
        Dictionary<string, int> damaged = [];
        foreach ((string name, LocalPorts ports) in network.Ports)
        {
            if (!name.StartsWith("replica", StringComparison.Ordinal))
            {
                continue;
            }
            long epoch = network.Document.ReplicaEpochAt(network.Time.GetUtcNow());
            foreach (string box in (string[])[.. ports.Store.ListAsync(ReplicaRole.Shelf, epoch, "", default).ToBlockingEnumerable()])
            {
                if (damaged.GetValueOrDefault(box) == copies)
                {
                    continue;
                }
                StoreKey key = new(ReplicaRole.Shelf, epoch, box);
                StoredValue there = Now(ports.Store.GetAsync(key, default))!;
                byte[] value = there.Value.ToArray();
                value[value.Length / 2] ^= 1;
                Assert.Equal(PutOutcome.Created, Now(ports.Store.ReplaceIfUnchangedAsync(key, value, there.Version, default)));
                damaged[box] = damaged.GetValueOrDefault(box) + 1;
            }
        }
        return damaged.Values.Sum();
    }

    /// <summary>Over the memory ports every operation is complete when it returns.</summary>
    static T Now<T>(ValueTask<T> operation)
    {
        Task<T> task = operation.AsTask();
        Assert.True(task.IsCompletedSuccessfully);
        return task.GetAwaiter().GetResult();
    }
}
