using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Funion.Private.Lattice;

/// <summary>Residues on the wire: each in [0, p), 48 bits, little-endian; eight are 48 bytes, four vectors that overlap. Time depends on lengths only.</summary>
static class ResiduePacking
{
    const int Lanes = 8, Packed = Lanes * PrimeField.ElementSize;

    /// <summary>Where the third and the last vector of eight residues lie; the last ends with them.</summary>
    const nuint Second = 12, Third = 24, Last = 32;

    /// <summary>Writes reduced residues.</summary>
    /// <param name="residues">A multiple of eight.</param>
    /// <param name="prime">p.</param>
    /// <param name="bytes">Six for each.</param>
    public static void Write(ReadOnlySpan<double> residues, long prime, Span<byte> bytes)
    {
        Check(residues.Length, bytes.Length);
        ref double from = ref MemoryMarshal.GetReference(residues);
        ref byte to = ref MemoryMarshal.GetReference(bytes);
        Vector512<long> p = Vector512.Create(prime);
        for (nuint i = 0, at = 0; i < (nuint)residues.Length; i += Lanes, at += Packed)
        {
            // Integers all of them: no conversion rounds.
            Vector512<long> value = Vector512.ConvertToInt64Native(Vector512.LoadUnsafe(ref from, i));
            Vector512<byte> bits = (value + ((value >> 63) & p)).AsByte();
            Vector128<byte> third = Pack(bits.GetUpper().GetLower());
            Pack(bits.GetLower().GetLower()).StoreUnsafe(ref to, at);
            Pack(bits.GetLower().GetUpper()).StoreUnsafe(ref to, at + Second);
            third.StoreUnsafe(ref to, at + Third);
            (Vector128.Shuffle(third, Vector128.Create((byte)8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(bits.GetUpper().GetUpper(), Vector128.Create((byte)255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13))).StoreUnsafe(ref to, at + Last);
        }
    }

    /// <summary>Reads what <see cref="Write"/> writes; false where one is not below the prime.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, long prime, Span<double> residues)
    {
        Check(residues.Length, bytes.Length);
        ref byte from = ref MemoryMarshal.GetReference(bytes);
        ref double to = ref MemoryMarshal.GetReference(residues);
        Vector512<long> wrong = Vector512<long>.Zero, most = Vector512.Create(prime - 1);
        for (nuint i = 0, at = 0; i < (nuint)residues.Length; i += Lanes, at += Packed)
        {
            Vector128<byte> last = Vector128.LoadUnsafe(ref from, at + Last);
            Vector512<long> value = Vector512.Create(
                Vector256.Create(Unpack(Vector128.LoadUnsafe(ref from, at)), Unpack(Vector128.LoadUnsafe(ref from, at + Second))),
                Vector256.Create(
                    Unpack(Vector128.LoadUnsafe(ref from, at + Third)),
                    Vector128.Shuffle(last, Vector128.Create((byte)4, 5, 6, 7, 8, 9, 255, 255, 10, 11, 12, 13, 14, 15, 255, 255)))).AsInt64();
            wrong |= most - value;
            Center(value, prime).StoreUnsafe(ref to, i);
        }
        return !Vector512.LessThanAny(wrong, Vector512<long>.Zero);
    }

    /// <summary>From [0, p) to the representative of least magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Center(Vector512<long> value, long prime) =>
        Vector512.ConvertToDouble(value - (Vector512.Create(prime) & ((Vector512.Create(prime / 2) - value) >> 63)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Pack(Vector128<byte> two) => Vector128.Shuffle(two, Vector128.Create((byte)0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 255, 255, 255, 255));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Unpack(Vector128<byte> two) => Vector128.Shuffle(two, Vector128.Create((byte)0, 1, 2, 3, 4, 5, 255, 255, 6, 7, 8, 9, 10, 11, 255, 255));

    /// <summary>The loops take references: this is what keeps them inside.</summary>
    static void Check(int residues, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(residues % Lanes, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, residues * PrimeField.ElementSize);
    }
}
