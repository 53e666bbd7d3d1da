using System.Buffers.Binary;

namespace Funion.Private.Ring;

/// <summary>
/// Numbers of a fixed width, one after another from the lowest bit up, little-endian: the only encoding of ring elements and ciphertexts on the wire.
/// A list of numbers has exactly one encoding: the bits left over in the last byte are zero, and a reader refuses others.
/// </summary>
public static class BitPacking
{
    /// <summary>Bytes of <paramref name="count"/> numbers of <paramref name="bits"/> bits.</summary>
    public static int ByteSize(int count, int bits) => checked((int)((((long)count * bits) + 7) / 8));

    /// <summary>Writes the low bits of every number.</summary>
    public static void Write(ReadOnlySpan<ulong> numbers, int bits, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 64);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, ByteSize(numbers.Length, bits));
        ulong mask = ulong.MaxValue >> (64 - bits), word = 0;
        int filled = 0;
        foreach (ulong number in numbers)
        {
            ulong value = number & mask;
            word |= value << filled;
            filled += bits;
            if (filled >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination, word);
                destination = destination[8..];
                filled -= 64;
                // A shift by 64 would be one by 0.
                word = filled == 0 ? 0 : value >> (bits - filled);
            }
        }
        for (; filled > 0; filled -= 8, word >>= 8)
        {
            destination[0] = (byte)(word & 0xff);
            destination = destination[1..];
        }
    }

    /// <summary>Reads exactly as many numbers as there is room for; false when the length is another or a padding bit is set.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, int bits, Span<ulong> numbers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 64);
        if (source.Length != ByteSize(numbers.Length, bits))
        {
            return false;
        }
        ulong mask = ulong.MaxValue >> (64 - bits), word = 0;
        int held = 0;
        foreach (ref ulong number in numbers)
        {
            ulong value = word;
            if (held < bits)
            {
                ulong next = NextWord(ref source);
                value |= held == 64 ? 0 : next << held;
                int used = bits - held;
                word = used == 64 ? 0 : next >> used;
                held = 64 - used;
            }
            else
            {
                word = bits == 64 ? 0 : word >> bits;
                held -= bits;
            }
            number = value & mask;
        }
        // What a short last word was filled up with is zero, so that this sees the padding only.
        return word == 0;
    }

    static ulong NextWord(ref ReadOnlySpan<byte> source)
    {
        if (source.Length >= 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(source);
            source = source[8..];
            return word;
        }
        ulong last = 0;
        for (int i = source.Length - 1; i >= 0; i--)
        {
            last = (last << 8) | source[i];
        }
        source = [];
        return last;
    }
}
