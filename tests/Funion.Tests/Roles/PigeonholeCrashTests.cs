using Funion.Bacap;
using Funion.Contracts;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Tests.Roles;

/// <summary>A courier or replica dies at any one operation and comes back: what was asked ends as if nothing had been.</summary>
public sealed class PigeonholeCrashTests
{
    public static TheoryData<Fault, bool> Faults()
    {
        TheoryData<Fault, bool> faults = [];
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            faults.Add(fault, true);
            faults.Add(fault, false);
        }
        return faults;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Any_operation_may_fail(Fault fault, bool shard)
    {
        WriteCapability write = WriteCapability.Create();
        long operations = Live(write, shard, null);
        Assert.True(operations > 20, $"{operations}");
        for (long k = 1; k <= operations; k++)
        {
            Live(write, shard, plan => plan.Strike(k, fault));
        }
    }

    static long Live(WriteCapability write, bool shard, Action<FaultPlan>? strike)
    {
        using ReplicaStage stage = new();
        Box box = ReplicaStage.Box(write, "a box"), tombstone = write.Tombstone(write.First, BacapContext.Pigeonhole);
        strike?.Invoke(stage.Faults);
        Assert.Equal(ReplicaError.None, stage.Exchange(ReplicaRequest.ToStore(box), shard).Error);
        (NodeDescriptor one, NodeDescriptor two) = stage.Shards.ShardsOf(box.Id);
        Assert.All((NodeDescriptor[])[one, two], replica => Assert.NotNull(stage.Stored(replica.Id, box.Id)));
        ReplicaAnswer read = stage.Exchange(ReplicaRequest.Read(box.Id), shard);
        Assert.Equal(ReplicaError.None, read.Error);
        Assert.True(read.Box!.Ciphertext.Span.SequenceEqual(box.Ciphertext.Span));
        Assert.Equal(ReplicaError.None, stage.Exchange(ReplicaRequest.ToStore(tombstone), shard).Error);
        Assert.Equal(ReplicaError.Tombstone, stage.Exchange(ReplicaRequest.Read(box.Id), shard).Error);
        return stage.Faults.Operations;
    }
}
