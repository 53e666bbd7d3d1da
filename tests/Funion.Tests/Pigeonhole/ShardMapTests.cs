using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Tests.Network;
using Funion.Tests.Simulation;

namespace Funion.Tests.Pigeonhole;

public sealed class ShardMapTests : IDisposable
{
    const int Replicas = 8, Boxes = 24_000;

    // Chi-square with 7 and with 49 degrees of freedom is above these once in a million runs.
    const double SevenLimit = 40.5, FortyNineLimit = 113;

    readonly LocalNetworkPlan _plan = Networks.Plan();
    readonly SeededRandom _random = new(5);

    public void Dispose() => _plan.Dispose();

    [Fact]
    public void Shards_are_the_two_smallest_hashes()
    {
        ShardMap map = new(_plan.Document);
        for (int i = 0; i < 200; i++)
        {
            BoxId id = NextId();
            NodeDescriptor[] sorted = [.. _plan.Document.Replicas.OrderBy(replica => Hash(replica, id), StringComparer.Ordinal)];
            Assert.Equal((sorted[0], sorted[1]), map.ShardsOf(id));
        }
    }

    [Fact]
    public void A_replica_that_leaves_moves_only_its_own_boxes()
    {
        NodeDescriptor gone = _plan.Document.Replicas[3];
        NetworkDocument without = _plan.Document with { Nodes = [.. _plan.Document.Nodes.Where(node => node != gone)] };
        ShardMap before = new(_plan.Document), after = new(without);
        for (int i = 0; i < 500; i++)
        {
            BoxId id = NextId();
            (NodeDescriptor first, NodeDescriptor second) = before.ShardsOf(id);
            if (first != gone && second != gone)
            {
                Assert.Equal((first, second), after.ShardsOf(id));
            }
        }
    }

    [Fact]
    public void Boxes_spread_evenly_and_intermediates_tell_nothing_of_them()
    {
        ShardMap map = new(_plan.Document);
        int[] shard = new int[Replicas], intermediate = new int[Replicas];
        int[] together = new int[Replicas * Replicas];
        int overlap = 0;
        for (int i = 0; i < Boxes; i++)
        {
            (NodeDescriptor first, NodeDescriptor second) = map.ShardsOf(NextId());
            (NodeDescriptor one, NodeDescriptor two) = map.DrawIntermediates(_random);
            Assert.NotEqual(one, two);
            shard[first.Index]++;
            intermediate[two.Index]++;
            together[(first.Index * Replicas) + one.Index]++;
            overlap += one == first || one == second || two == first || two == second ? 1 : 0;
        }
        Assert.InRange(ChiSquare(shard), 0, SevenLimit);
        Assert.InRange(ChiSquare(intermediate), 0, SevenLimit);
        // Uniform over all 64 cells, which is more than independence: at most 63 degrees, of which the margins above take 14.
        Assert.InRange(ChiSquare(together), 0, FortyNineLimit + SevenLimit);
        // 1 - C(6,2)/C(8,2): the shards are drawn as often as any others. Were they left out this would be 0.
        Assert.InRange((double)overlap / Boxes, 0.464 - 0.02, 0.464 + 0.02);
    }

    [Fact]
    public void One_replica_is_no_map() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new ShardMap(_plan.Document with { Nodes = [_plan.Document.Replicas[0]] }));

    static double ChiSquare(int[] counts)
    {
        double expected = (double)Boxes / counts.Length;
        return counts.Sum(count => (count - expected) * (count - expected) / expected);
    }

    static string Hash(NodeDescriptor replica, BoxId id)
    {
        byte[] hash = new byte[Blake2b.Size256];
        Blake2b.Hash256([.. replica.IdentityKey, .. id.AsSpan()], hash);
        return Convert.ToHexString(hash);
    }

    BoxId NextId()
    {
        Span<byte> id = stackalloc byte[BoxId.Size];
        _random.Fill(id);
        return new BoxId(id);
    }
}
