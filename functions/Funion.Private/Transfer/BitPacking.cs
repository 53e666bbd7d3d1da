using System.Runtime.Intrinsics;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>Words as a string of bits, lowest bit first, nothing between them.</summary>
static class BitPacking
{
    /// <summary>Adds (⊕) the lowest <paramref name="width"/> bits of a value at a bit's offset.</summary>
    public static void Xor(Span<byte> bits, int offset, int width, ulong value)
    {
        while (width > 0)
        {
            int shift = offset % 8, take = Math.Min(8 - shift, width);
            bits[offset / 8] ^= (byte)((value & ((1UL << take) - 1)) << shift);
            value >>= take;
            offset += take;
            width -= take;
        }
    }

    /// <summary>Reads <paramref name="width"/> bits at a bit's offset.</summary>
    public static ulong Read(ReadOnlySpan<byte> bits, int offset, int width)
    {
        ulong value = 0;
        for (int done = 0; done < width;)
        {
            int shift = offset % 8, take = Math.Min(8 - shift, width - done);
            value |= (((ulong)bits[offset / 8] >> shift) & ((1UL << take) - 1)) << done;
            offset += take;
            done += take;
        }
        return value;
    }

    /// <summary>Δ where the bit is 1, otherwise zero.</summary>
    public static Label Masked(Label delta, ReadOnlySpan<byte> bits, int index) =>
        delta & Vector128.Create(unchecked((byte)-((bits[index / 8] >> (index % 8)) & 1)));

    /// <summary>Whether the bits of the last byte that mean nothing are zero.</summary>
    public static bool IsPadded(ReadOnlySpan<byte> bits, int count) => count % 8 == 0 || bits[^1] >> (count % 8) == 0;
}
