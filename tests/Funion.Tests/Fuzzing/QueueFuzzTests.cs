using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Fuzzing;

/// <summary>
/// Every queue of every node under hostile messages, made of those that a whole network put there: no role fails at one, none is left lying, and the
/// network answers afterwards as before.
/// </summary>
public sealed class QueueFuzzTests
{
    static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Hostile_messages_in_every_queue_break_nothing()
    {
        Dictionary<(string Node, string Queue), List<byte[]>> seen = [];
        using SimulatedNetwork network = new(seed: 5, wrap: (ports, name) => ports with
        {
            Queue = new Tap(ports.Queue, (queue, message) =>
            {
                if (!seen.TryGetValue((name, queue), out List<byte[]>? messages))
                {
                    seen.Add((name, queue), messages = []);
                }
                if (messages.Count < 40)
                {
                    messages.Add(message.ToArray());
                }
            }),
        });
        Ask(network);
        // A copy fills the queue of its steps.
        network.Run.Until(network.Client.PutAllAsync(new byte[5_000]), s_long);
        Assert.True(seen.Count > 100, $"{seen.Count} queues");
        Assert.Contains(seen.Keys, key => key.Queue == QueueNames.Copies);
        SeededRandom random = new(6);
        List<byte[]> all = [.. seen.Values.SelectMany(messages => messages.Take(3))];
        int put = 0;
        foreach (((string node, string queue), List<byte[]> messages) in seen)
        {
            // Its own kind, and what belongs elsewhere: reflected, replayed, of another role.
            Mutator own = new(random, [.. messages]), any = new(random, all);
            for (int i = 0; i < 30; i++)
            {
                byte[] message = i % 3 == 0 ? any.Next() : i % 3 == 1 ? own.Next() : all[random.Below(all.Count)];
                await network.Ports[node].Queue.EnqueueAsync(queue, message.AsMemory(0, Math.Min(message.Length, PacketQueue.MaxMessageSize)), TimeSpan.Zero, default);
                put++;
            }
        }
        network.Run.For(TimeSpan.FromMinutes(2));
        foreach (LocalNode node in network.Network.Nodes)
        {
            Assert.Equal(0, node.Counters.Poison);
        }
        Assert.Equal(0, network.Network.Compute.Counters.Faults);
        Assert.True(put > 3_000, $"{put} messages");
        Ask(network);
    }

    static void Ask(SimulatedNetwork network)
    {
        InferenceAnswer answer = network.Run.Until(
            network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5)), s_long);
        Assert.Equal([2, 4, 6, 8], answer.Tensors![0].ToFloats());
    }
}
