using System.Security.Cryptography;
using Funion.Private.Transfer;

namespace Funion.Tests.Private.Transfer;

/// <summary>Trees of seeds: what each party has, and what a party that grows them wrongly gets away with.</summary>
public sealed class SeedTreeTests
{
    static readonly Bytes32 s_session = Dealer.Session(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Whoever_punctures_has_every_leaf_but_its_own(int depth)
    {
        Grown tree = new(depth);
        foreach (int point in Enumerable.Range(0, 1 << depth).Where(i => depth < 8 || i % 29 == 0))
        {
            (bool consistent, byte[] leaves) = tree.Puncture(point);
            Assert.True(consistent);
            for (int leaf = 0; leaf < 1 << depth; leaf++)
            {
                byte[] expected = leaf == point ? new byte[16] : tree.Leaves[(leaf * 16)..((leaf + 1) * 16)];
                Assert.Equal(expected, leaves[(leaf * 16)..((leaf + 1) * 16)]);
            }
        }
        Assert.Equal(1 << depth, tree.Leaves.Chunk(16).Select(Convert.ToHexString).Distinct().Count());
    }

    /// <summary>A changed sum of level i spoils the tree for all points whose path needs that sum, half of them, and for the others it is not even looked at.</summary>
    [Fact]
    public void A_tree_that_does_not_fit_its_levels_is_caught_unless_the_cheater_guessed_the_bit()
    {
        const int Depth = 4;
        for (int level = 0; level < Depth; level++)
        {
            for (int side = 0; side < 2; side++)
            {
                Grown tree = new(Depth);
                tree.Levels[(level * 32) + (side * 16) + 5] ^= 4;
                int caught = 0;
                for (int point = 0; point < 1 << Depth; point++)
                {
                    bool needed = ((point >> (Depth - 1 - level)) & 1) != side;
                    bool consistent = tree.Puncture(point).Consistent;
                    Assert.Equal(!needed, consistent);
                    caught += consistent ? 0 : 1;
                }
                Assert.Equal(8, caught);
            }
        }
    }

    [Fact]
    public void A_changed_sum_or_hash_of_the_checks_is_caught_everywhere()
    {
        for (int place = 0; place < 64; place += 7)
        {
            Grown tree = new(4);
            tree.Proof[place] ^= 0x10;
            for (int point = 0; point < 16; point++)
            {
                Assert.False(tree.Puncture(point).Consistent);
            }
        }
    }

    [Fact]
    public void Another_session_or_another_place_is_another_tree()
    {
        Grown tree = new(4);
        Assert.False(tree.Puncture(3, session: Dealer.Session(2)).Consistent);
        Assert.False(tree.Puncture(3, number: 1).Consistent);
    }

    sealed class Grown
    {
        readonly byte[] _pads;

        readonly int _depth;

        public Grown(int depth)
        {
            _depth = depth;
            _pads = RandomNumberGenerator.GetBytes(depth * 32);
            (Levels, Proof, Leaves) = (new byte[depth * 32], new byte[64], new byte[16 << depth]);
            SeedTree.Grow(s_session, 0, depth, _pads, Levels, Proof, Leaves);
        }

        public byte[] Levels { get; }

        public byte[] Proof { get; }

        public byte[] Leaves { get; }

        public (bool Consistent, byte[] Leaves) Puncture(int point, int number = 0, Bytes32? session = null)
        {
            byte[] chosen = new byte[_depth * 16], leaves = new byte[16 << _depth];
            for (int level = 0; level < _depth; level++)
            {
                int off = ((point >> (_depth - 1 - level)) & 1) ^ 1;
                _pads.AsSpan((level * 32) + (off * 16), 16).CopyTo(chosen.AsSpan(level * 16));
            }
            return (SeedTree.Puncture(session ?? s_session, number, _depth, point, chosen, Levels, Proof, leaves), leaves);
        }
    }
}
