using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Turns 128 columns of bits into rows, which are labels: bytes first, in squares of 16 × 16, then the eight bits of 64 columns' bytes at a time by
/// taking every byte's top bit. Bit i of a column is row i, and bit j of a row is column j, lowest first.
/// </summary>
static class BitMatrix
{
    const int Columns = TransferGeometry.Columns;

    /// <summary>
    /// Rows 128·<paramref name="block"/> and on, as many as <paramref name="rows"/> has room for and at most 128; a column is
    /// <paramref name="blocks"/> blocks of 128 bits.
    /// </summary>
    public static void Transpose(ReadOnlySpan<Label> columns, int blocks, int block, Span<Label> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Length, Columns * blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)blocks);
        if (rows.Length >= Columns)
        {
            TransposeCore(columns, blocks, block, rows);
            return;
        }
        Span<Label> whole = stackalloc Label[Columns];
        TransposeCore(columns, blocks, block, whole);
        whole[..rows.Length].CopyTo(rows);
        whole.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransposeCore(ReadOnlySpan<Label> columns, int blocks, int block, Span<Label> rows)
    {
        Span<Label> bytes = stackalloc Label[64];
        ref ulong halves = ref Unsafe.As<Label, ulong>(ref MemoryMarshal.GetReference(rows));
        for (int half = 0; half < 2; half++)
        {
            for (int quarter = 0; quarter < 4; quarter++)
            {
                Square(columns[((((half * 4) + quarter) * 16 * blocks) + block)..], blocks, bytes[quarter..]);
            }
            ref byte first = ref Unsafe.As<Label, byte>(ref MemoryMarshal.GetReference(bytes));
            for (int i = 0; i < 16; i++)
            {
                Vector512<byte> eight = Vector512.LoadUnsafe(ref first, (nuint)(i * 64));
                for (int bit = 7; bit >= 0; bit--)
                {
                    Unsafe.Add(ref halves, (((i * 8) + bit) * 2) + half) = eight.ExtractMostSignificantBits();
                    eight += eight;
                }
            }
        }
        bytes.Clear();
    }

    /// <summary>Byte j of column i of sixteen columns goes to byte i of item 4·j.</summary>
    static void Square(ReadOnlySpan<Label> columns, int stride, Span<Label> bytes)
    {
        Span<Label> a = stackalloc Label[16], b = stackalloc Label[16];
        for (int i = 0; i < 16; i++)
        {
            a[i] = columns[i * stride];
        }
        if (!Sse2.IsSupported)
        {
            for (int i = 0; i < 256; i++)
            {
                MemoryMarshal.AsBytes(bytes)[((i & 15) * 64) + (i >> 4)] = MemoryMarshal.AsBytes(a)[i];
            }
            return;
        }
        // Each pass moves the top bit of a byte's column number into its row number: four passes exchange them.
        Interleave(a, b);
        Interleave(b, a);
        Interleave(a, b);
        Interleave(b, a);
        for (int i = 0; i < 16; i++)
        {
            bytes[i * 4] = a[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Interleave(ReadOnlySpan<Label> from, Span<Label> to)
    {
        ref Label source = ref MemoryMarshal.GetReference(from), target = ref MemoryMarshal.GetReference(to);
        for (int i = 0; i < 8; i++)
        {
            Label low = Unsafe.Add(ref source, i), high = Unsafe.Add(ref source, i + 8);
            Unsafe.Add(ref target, 2 * i) = Sse2.UnpackLow(low, high);
            Unsafe.Add(ref target, (2 * i) + 1) = Sse2.UnpackHigh(low, high);
        }
    }
}
