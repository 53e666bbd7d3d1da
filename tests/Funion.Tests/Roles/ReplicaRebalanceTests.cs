using Funion.Bacap;
using Funion.Contracts;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Roles;

/// <summary>The set of replicas changes: every box is at its new shards afterwards, whatever was cut off on the way.</summary>
public sealed class ReplicaRebalanceTests
{
    const int Boxes = 40;

    static readonly NetworkDocument s_grown = ReplicaStage.Document;

    /// <summary>The same network before the last replica joined.</summary>
    static readonly NetworkDocument s_before = s_grown with { Nodes = [.. s_grown.Nodes.Where(node => node.Role != NodeRole.Replica || node.Index < 7)] };

    readonly VirtualTime _time = new();
    readonly List<(NodeId From, int To, ReadOnlyMemory<byte> Message)> _said = [];
    readonly Dictionary<NodeId, MemoryBoxStore> _stores = s_grown.Replicas.ToDictionary(replica => replica.Id, _ => new MemoryBoxStore());
    readonly Dictionary<NodeId, MemoryPacketQueue> _queues;
    readonly List<Box> _boxes = [.. Enumerable.Range(0, Boxes).Select(i => ReplicaStage.Box(WriteCapability.Create(), $"box {i}"))];

    public ReplicaRebalanceTests() => _queues = s_grown.Replicas.ToDictionary(replica => replica.Id, _ => new MemoryPacketQueue(_time));

    [Fact]
    public async Task Boxes_go_to_the_replica_that_joined_and_stay_where_they_belong()
    {
        await StoreAsync(s_before);
        await RebalanceAsync(s_before, null);
        Assert.Empty(await SaidAsync());
        await RebalanceAsync(s_grown, null);
        await DeliverAsync();
        await AssertPlacedAsync();
        // Nothing more to do, in this process or the next.
        await RebalanceAsync(s_grown, null);
        Assert.Empty(await SaidAsync());
    }

    [Fact]
    public async Task Boxes_of_a_replica_that_left_are_at_two_others()
    {
        await StoreAsync(s_grown);
        await RebalanceAsync(s_grown, null);
        await RebalanceAsync(s_before, null);
        await DeliverAsync(s_before);
        await AssertPlacedAsync(s_before);
    }

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public async Task Cut_off_anywhere_it_begins_again(Fault fault)
    {
        for (long operation = 1; ; operation += 7)
        {
            ReplicaRebalanceTests run = new();
            await run.StoreAsync(s_before);
            await run.RebalanceAsync(s_before, null);
            FaultPlan plan = new();
            plan.Strike(operation, fault);
            await run.RebalanceAsync(s_grown, plan);
            await run.RebalanceAsync(s_grown, null);
            await run.DeliverAsync();
            await run.AssertPlacedAsync();
            if (operation > plan.Operations)
            {
                Assert.True(operation > 50);
                return;
            }
        }
    }

    async Task StoreAsync(NetworkDocument document)
    {
        ShardMap shards = new(document);
        foreach (Box box in _boxes)
        {
            (NodeDescriptor first, NodeDescriptor second) = shards.ShardsOf(box.Id);
            await _stores[first.Id].PutIfAbsentAsync(Key(box), StoredBox.ToBytes(box), default);
            await _stores[second.Id].PutIfAbsentAsync(Key(box), StoredBox.ToBytes(box), default);
        }
    }

    async Task RebalanceAsync(NetworkDocument document, FaultPlan? plan)
    {
        // Replicas that left still run, and know it.
        foreach (NodeDescriptor replica in s_grown.Replicas)
        {
            BoxStore store = plan is null ? _stores[replica.Id] : new FaultyBoxStore(_stores[replica.Id], plan);
            PacketQueue queue = plan is null ? _queues[replica.Id] : new FaultyPacketQueue(_queues[replica.Id], plan);
            try
            {
                ReplicaRebalance rebalance = new(replica.Id, document, store, queue, _time);
                // What waits for slots is carried away between two steps.
                while (await rebalance.StepAsync(default) is var next && next - _time.GetUtcNow() == TimeSpan.FromSeconds(1))
                {
                    Assert.All(s_grown.Replicas, to => Assert.InRange(_queues[replica.Id].CountAsync(QueueNames.Link(to), default).AsTask().Result, 0, 8 + 1));
                    await CarryAsync();
                }
            }
            catch (CrashException)
            {
                plan!.Restart();
            }
        }
    }

    async Task<List<(NodeId From, int To, ReadOnlyMemory<byte> Message)>> SaidAsync()
    {
        await CarryAsync();
        List<(NodeId, int, ReadOnlyMemory<byte>)> said = [.. _said];
        _said.Clear();
        return said;
    }

    async Task CarryAsync()
    {
        foreach (NodeDescriptor from in s_grown.Replicas)
        {
            foreach (NodeDescriptor to in s_grown.Replicas)
            {
                while (await _queues[from.Id].ReceiveAsync(QueueNames.Link(to), 32, TimeSpan.FromMinutes(1), default) is { Count: > 0 } taken)
                {
                    _said.AddRange(taken.Select(delivery => (from.Id, to.Index, delivery.Message)));
                    foreach (Delivery delivery in taken)
                    {
                        await _queues[from.Id].CompleteAsync(delivery, default);
                    }
                }
            }
        }
    }

    async Task DeliverAsync(NetworkDocument? document = null)
    {
        foreach ((_, int to, ReadOnlyMemory<byte> message) in await SaidAsync())
        {
            NodeDescriptor replica = s_grown.Replicas[to];
            NodeKeys keys = ReplicaStage.KeysOf(replica.Id);
            using ReplicaKeyring keyring = new(replica.Id, keys.Keys.ToDictionary(key => key.Epoch, key => new SecretBytes(key.PrivateKey.Span)));
            ReplicaRole role = new(document ?? s_grown, keyring, _stores[replica.Id], new Simulation.SeededRandom(1), _time);
            Work work = await role.HandleAsync(new Delivery(QueueNames.ReplicaIn, "id", "receipt", message, 1), default);
            await new EffectRunner(_stores[replica.Id], _queues[replica.Id], (_, _, _, _) => default).RunAsync(work, default);
        }
    }

    async Task AssertPlacedAsync(NetworkDocument? document = null)
    {
        ShardMap shards = new(document ?? s_grown);
        foreach (Box box in _boxes)
        {
            (NodeDescriptor first, NodeDescriptor second) = shards.ShardsOf(box.Id);
            Assert.NotNull(await _stores[first.Id].GetAsync(Key(box), default));
            Assert.NotNull(await _stores[second.Id].GetAsync(Key(box), default));
        }
    }

    StoreKey Key(Box box) => new(ReplicaRole.Shelf, s_grown.ReplicaEpochAt(_time.GetUtcNow()), box.Id.ToString());
}
