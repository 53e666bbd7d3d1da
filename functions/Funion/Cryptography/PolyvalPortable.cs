using System.Runtime.Intrinsics;

namespace Funion.Cryptography;

/// <summary>
/// The field multiplication of POLYVAL without carry-less instructions, in constant time: each operand is spread over four integers with three
/// zero bits between any two, so that the carries of an ordinary multiplication fall into the gaps and are masked away.
/// </summary>
static class PolyvalPortable
{
    const ulong Spread = 0x1111111111111111;

    /// <summary>a·b·x⁻¹²⁸.</summary>
    public static Vector128<ulong> Dot(Vector128<ulong> a, Vector128<ulong> b)
    {
        ulong a0 = a[0], a1 = a[1], b0 = b[0], b1 = b[1];
        UInt128 low = Multiply(a0, b0);
        UInt128 high = Multiply(a1, b1);
        UInt128 middle = Multiply(a0, b1) ^ Multiply(a1, b0);
        low ^= middle << 64;
        high ^= middle >> 64;
        low = Fold(Fold(low));
        return Vector128.Create(Low(low ^ high), High(low ^ high));
    }

    static UInt128 Fold(UInt128 value)
    {
        // Low word times x⁶³ + x⁶² + x⁵⁷, added to the swapped halves.
        UInt128 w = Low(value);
        return ((UInt128)Low(value) << 64 | High(value)) ^ (w << 63) ^ (w << 62) ^ (w << 57);
    }

    static UInt128 Multiply(ulong a, ulong b) =>
        (UInt128)(Reverse(MultiplyLow(Reverse(a), Reverse(b))) >> 1) << 64 | MultiplyLow(a, b);

    static ulong MultiplyLow(ulong a, ulong b)
    {
        ulong result = 0;
        for (int i = 0; i < 4; i++)
        {
            ulong sum = 0;
            for (int j = 0; j < 4; j++)
            {
                sum ^= unchecked((a & (Spread << j)) * (b & (Spread << ((i - j) & 3))));
            }
            result |= sum & (Spread << i);
        }
        return result;
    }

    static ulong Reverse(ulong x)
    {
        x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555);
        x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333);
        x = ((x & 0x0f0f0f0f0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f0f0f0f0f);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(x);
    }

    static ulong Low(UInt128 value) => (ulong)(value & ulong.MaxValue);

    static ulong High(UInt128 value) => (ulong)(value >> 64);
}
