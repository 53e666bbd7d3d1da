using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Columns of the matrix from the seeds of one tree, each seed an AES-128 key in counter mode.
/// <code>
/// u   = ⊕ G(leaf x)              v_t = ⊕ of G(leaf x) over x with bit t        all leaves
/// w_t = ⊕ of G(leaf y ⊕ α) over y with bit t = v_t ⊕ α_t·u                     all but leaf α
/// </code>
/// Both are one fold: the sum over odd leaves is column 0, then pairs are added and the next bit is the lowest. The party that lacks leaf α has its
/// leaves in the order y = x ⊕ α, where the one it lacks is leaf 0, which is in no column but in the sum.
/// <list type="bullet">
/// <item>References: Roy, "SoftSpokenOT" (ePrint 2022/192), section 3.1.</item>
/// <item>Assumption: AES-128 a pseudorandom function.</item>
/// </list>
/// </summary>
static class ColumnExpander
{
    // Blocks at a time: what the AES instructions take to be busy.
    const int Tile = 8;

    /// <summary>Blocks of scratch memory for trees of this depth.</summary>
    public static int ScratchSize(int depth) => Tile << depth;

    /// <summary>Counter blocks that an extension uses up.</summary>
    public static int Step(int blocks) => (blocks + Tile - 1) / Tile * Tile;

    /// <summary>Expands AES keys: 11 round keys a leaf.</summary>
    public static void Schedule(ReadOnlySpan<byte> leaves, Span<Label> roundKeys)
    {
        ReadOnlySpan<Label> keys = MemoryMarshal.Cast<byte, Label>(leaves);
        for (int i = 0; i < keys.Length; i++)
        {
            Aes128.Expand(keys[i], roundKeys.Slice(i * Aes128.RoundKeys, Aes128.RoundKeys));
        }
    }

    /// <summary>
    /// Writes the sum and k columns of one tree, one after the other. <paramref name="punctured"/>: leaf 0 is the one that is not known.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(
        ReadOnlySpan<Label> roundKeys, int depth, bool punctured, ulong counter, int blocks, Span<Label> scratch, Span<Label> sum, Span<Label> columns)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(roundKeys.Length, Aes128.RoundKeys << depth);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scratch.Length, ScratchSize(depth));
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length, blocks);
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Length, blocks * depth);
        ref Label keys = ref MemoryMarshal.GetReference(roundKeys), tile = ref MemoryMarshal.GetReference(scratch);
        for (int block = 0; block < blocks; block += Tile)
        {
            int width = Math.Min(Tile, blocks - block);
            scratch[..Tile].Clear();
            for (int leaf = punctured ? 1 : 0; leaf < 1 << depth; leaf++)
            {
                Aes128.CounterEight(
                    ref Unsafe.Add(ref keys, leaf * Aes128.RoundKeys), 0, unchecked(counter + (uint)block), ref Unsafe.Add(ref tile, leaf * Tile));
            }
            for (int bit = 0; bit < depth; bit++)
            {
                Fold(ref Unsafe.As<Label, byte>(ref tile), 1 << (depth - bit - 1), out Vector512<byte> low, out Vector512<byte> high);
                Write(low, high, width, columns.Slice((bit * blocks) + block, width));
            }
            scratch[..width].CopyTo(sum[block..]);
        }
    }

    /// <summary>Adds pairs of tiles in place; low and high are the sum over the odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Fold(ref byte tile, int pairs, out Vector512<byte> low, out Vector512<byte> high)
    {
        low = high = Vector512<byte>.Zero;
        for (int i = 0; i < pairs; i++)
        {
            nuint from = (nuint)(i * 2 * Tile * TransferGeometry.LabelSize), to = from / 2;
            Vector512<byte> oddLow = Vector512.LoadUnsafe(ref tile, from + 128), oddHigh = Vector512.LoadUnsafe(ref tile, from + 192);
            (Vector512.LoadUnsafe(ref tile, from) ^ oddLow).StoreUnsafe(ref tile, to);
            (Vector512.LoadUnsafe(ref tile, from + 64) ^ oddHigh).StoreUnsafe(ref tile, to + 64);
            low ^= oddLow;
            high ^= oddHigh;
        }
    }

    static void Write(Vector512<byte> low, Vector512<byte> high, int width, Span<Label> column)
    {
        if (width == Tile)
        {
            ref byte target = ref Unsafe.As<Label, byte>(ref MemoryMarshal.GetReference(column));
            low.StoreUnsafe(ref target);
            high.StoreUnsafe(ref target, 64);
            return;
        }
        Span<byte> both = stackalloc byte[Tile * TransferGeometry.LabelSize];
        low.CopyTo(both);
        high.CopyTo(both[64..]);
        MemoryMarshal.Cast<byte, Label>(both)[..width].CopyTo(column);
        both.Clear();
    }
}
