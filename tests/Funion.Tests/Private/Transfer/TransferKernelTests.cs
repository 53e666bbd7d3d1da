using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>AES-128, the transpose, the columns: against the platform's AES and loops over bits.</summary>
public sealed class TransferKernelTests
{
    readonly Random _random = new(20260703);

    [Fact]
    public void Aes_128_is_the_platforms_in_every_form()
    {
        for (int trial = 0; trial < 50; trial++)
        {
            byte[][] keys = [Bytes(16), Bytes(16), Bytes(16), Bytes(16)];
            Label[] four = new Label[4 * Aes128.RoundKeys], one = new Label[Aes128.RoundKeys], slow = new Label[Aes128.RoundKeys], blocks = new Label[21];
            Aes128.ExpandFour(Vector128.Create(keys[0]), Vector128.Create(keys[1]), Vector128.Create(keys[2]), Vector128.Create(keys[3]), four);
            for (int i = 0; i < 4; i++)
            {
                using Aes aes = Aes.Create();
                aes.Key = keys[i];
                Aes128.Expand(Vector128.Create(keys[i]), one);
                Aes128.ExpandPortable(Vector128.Create(keys[i]), slow);
                Assert.Equal(slow, one);
                Assert.Equal(slow, four[(i * Aes128.RoundKeys)..((i + 1) * Aes128.RoundKeys)]);
                byte[] block = Bytes(16), expected = aes.EncryptEcb(block, PaddingMode.None);
                Assert.Equal(Vector128.Create(expected), Aes128.Encrypt(one, Vector128.Create(block)));
                Assert.Equal(Vector128.Create(expected), Aes128.EncryptPortable(slow, Vector128.Create(block)));
                ulong stream = (ulong)_random.NextInt64(), counter = ulong.MaxValue - 3;
                Aes128.Counter(one, stream, counter, blocks);
                for (int j = 0; j < blocks.Length; j++)
                {
                    byte[] input = [.. BitConverter.GetBytes(unchecked(counter + (ulong)j)), .. BitConverter.GetBytes(stream)];
                    Assert.Equal(Vector128.Create(aes.EncryptEcb(input, PaddingMode.None)), blocks[j]);
                }
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => Aes128.Expand(default, new Label[10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aes128.ExpandFour(default, default, default, default, new Label[43]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aes128.Encrypt(new Label[10], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aes128.Counter(new Label[10], 0, 0, new Label[1]));
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(3, 128)]
    [InlineData(2, 1)]
    [InlineData(2, 77)]
    public void The_transpose_moves_every_bit_to_its_place(int blocks, int rows)
    {
        byte[] columns = Bytes(128 * blocks * 16);
        for (int block = 0; block < blocks; block++)
        {
            Label[] labels = new Label[rows];
            BitMatrix.Transpose(MemoryMarshal.Cast<byte, Label>(columns), blocks, block, labels);
            byte[] bytes = MemoryMarshal.AsBytes(labels.AsSpan()).ToArray();
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < 128; column++)
                {
                    Assert.Equal(Dealer.Bit(columns, (((column * blocks) + block) * 128) + row), Dealer.Bit(bytes, (row * 128) + column));
                }
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => BitMatrix.Transpose(new Label[127], 1, 0, new Label[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitMatrix.Transpose(new Label[128], 1, 1, new Label[1]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 9)]
    [InlineData(4, 8)]
    [InlineData(4, 13)]
    public void Columns_are_sums_over_the_leaves_with_their_bit(int depth, int blocks)
    {
        byte[] leaves = Bytes(16 << depth);
        Label[] keys = new Label[Aes128.RoundKeys << depth], scratch = new Label[ColumnExpander.ScratchSize(depth)], sum = new Label[blocks], columns = new Label[blocks * depth];
        ColumnExpander.Schedule(leaves, keys);
        foreach (bool punctured in (bool[])[false, true])
        {
            ColumnExpander.Expand(keys, depth, punctured, 40, blocks, scratch, sum, columns);
            for (int block = 0; block < blocks; block++)
            {
                Label all = Label.Zero;
                Label[] expected = new Label[depth];
                for (int leaf = punctured ? 1 : 0; leaf < 1 << depth; leaf++)
                {
                    using Aes aes = Aes.Create();
                    aes.Key = leaves[(leaf * 16)..((leaf + 1) * 16)];
                    Label value = Vector128.Create(aes.EncryptEcb([.. BitConverter.GetBytes(40UL + (ulong)block), .. new byte[8]], PaddingMode.None));
                    all ^= value;
                    for (int bit = 0; bit < depth; bit++)
                    {
                        expected[bit] ^= (leaf >> bit & 1) != 0 ? value : Label.Zero;
                    }
                }
                Assert.Equal(all, sum[block]);
                for (int bit = 0; bit < depth; bit++)
                {
                    Assert.Equal(expected[bit], columns[(bit * blocks) + block]);
                }
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnExpander.Expand(keys.AsSpan(1), depth, false, 0, blocks, scratch, sum, columns));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnExpander.Expand(keys, depth, false, 0, blocks, scratch.AsSpan(1), sum, columns));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnExpander.Expand(keys, depth, false, 0, blocks, scratch, sum.AsSpan(1), columns));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnExpander.Expand(keys, depth, false, 0, blocks, scratch, sum, columns.AsSpan(1)));
    }

    [Fact]
    public void Words_of_any_width_are_packed_without_gaps()
    {
        for (int trial = 0; trial < 300; trial++)
        {
            int width = 1 + _random.Next(64), count = 1 + _random.Next(20), from = _random.Next(9);
            ulong[] words = [.. Enumerable.Range(0, count).Select(_ => unchecked((ulong)_random.NextInt64() * 3))];
            byte[] bits = new byte[(from + (width * count) + 7) / 8];
            for (int i = 0; i < count; i++)
            {
                BitPacking.Xor(bits, from + (i * width), width, words[i]);
            }
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(words[i] & (ulong.MaxValue >> (64 - width)), BitPacking.Read(bits, from + (i * width), width));
            }
            Assert.True(BitPacking.IsPadded(bits, from + (width * count)));
        }
    }

    [Fact]
    public void The_hash_separates_labels_and_tweaks()
    {
        Label[] keys = new Label[LabelHash.FourKeys];
        HashSet<Label> seen = [];
        for (ulong high = 0; high < 4; high++)
        {
            LabelHash.Expand(Dealer.Random(), high, 8, keys);
            for (int i = 0; i < 4; i++)
            {
                Assert.True(seen.Add(LabelHash.Hash(ref keys[i * Aes128.RoundKeys], Label.Zero)));
                Assert.True(seen.Add(LabelHash.Hash(ref keys[i * Aes128.RoundKeys], Label.AllBitsSet)));
            }
        }
        for (int i = 0; i < 100; i++)
        {
            Label x = Dealer.Random(), y = Dealer.Random();
            Assert.Equal(LabelHash.Sigma(x) ^ LabelHash.Sigma(y), LabelHash.Sigma(x ^ y));
            Assert.NotEqual(x, LabelHash.Sigma(x));
            Assert.Equal(x[15] >= 0x80 ? Label.AllBitsSet : Label.Zero, LabelHash.Colour(x));
        }
    }

    byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
