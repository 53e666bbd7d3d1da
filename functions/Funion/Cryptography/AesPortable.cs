using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// AES, of 128 or 256 bits, for processors without AES instructions. Constant-time: the S-box is computed (inversion in GF(2⁸) as x²⁵⁴, then the affine map) on
/// eight bytes of a 64-bit word at once; no table is indexed by a secret and no branch depends on one.
/// <list type="bullet">
/// <item>References: FIPS 197, sections 5.1 to 5.3.</item>
/// </list>
/// </summary>
static class AesPortable
{
    const ulong Ones = 0x0101010101010101;

    static ReadOnlySpan<byte> RoundConstants => [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

    /// <summary>Where ShiftRows takes each byte of the state from.</summary>
    static ReadOnlySpan<byte> ShiftRows => [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

    /// <summary>FIPS 197, section 5.2: 11 or 15 round keys of 16 bytes.</summary>
    public static void ExpandKey(ReadOnlySpan<byte> key, Span<byte> roundKeys)
    {
        key.CopyTo(roundKeys);
        int length = key.Length / 4;
        for (int word = length; word < roundKeys.Length / 4; word++)
        {
            uint previous = BinaryPrimitives.ReadUInt32LittleEndian(roundKeys[((word - 1) * 4)..]);
            if (word % length == 0)
            {
                previous = SubWord(uint.RotateRight(previous, 8)) ^ RoundConstants[(word / length) - 1];
            }
            else if (length == 8 && word % 8 == 4)
            {
                previous = SubWord(previous);
            }
            uint back = BinaryPrimitives.ReadUInt32LittleEndian(roundKeys[((word - length) * 4)..]);
            BinaryPrimitives.WriteUInt32LittleEndian(roundKeys[(word * 4)..], back ^ previous);
        }
    }

    public static Vector128<byte> Encrypt(ReadOnlySpan<byte> roundKeys, Vector128<byte> block)
    {
        int rounds = (roundKeys.Length / 16) - 1;
        Span<byte> state = stackalloc byte[16];
        (block ^ Vector128.Create(roundKeys[..16])).CopyTo(state);
        for (int round = 1; round <= rounds; round++)
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(state);
            words[0] = SubBytes(words[0]);
            words[1] = SubBytes(words[1]);
            Permute(state, inverse: false);
            if (round < rounds)
            {
                words[0] = MixColumns(words[0]);
                words[1] = MixColumns(words[1]);
            }
            (Vector128.Create<byte>(state) ^ Vector128.Create(roundKeys.Slice(round * 16, 16))).CopyTo(state);
        }
        Vector128<byte> result = Vector128.Create<byte>(state);
        CryptographicOperations.ZeroMemory(state);
        return result;
    }

    public static Vector128<byte> Decrypt(ReadOnlySpan<byte> roundKeys, Vector128<byte> block)
    {
        int rounds = (roundKeys.Length / 16) - 1;
        Span<byte> state = stackalloc byte[16];
        block.CopyTo(state);
        for (int round = rounds; round >= 1; round--)
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(state);
            (Vector128.Create<byte>(state) ^ Vector128.Create(roundKeys.Slice(round * 16, 16))).CopyTo(state);
            if (round < rounds)
            {
                words[0] = InverseMixColumns(words[0]);
                words[1] = InverseMixColumns(words[1]);
            }
            Permute(state, inverse: true);
            words[0] = InverseSubBytes(words[0]);
            words[1] = InverseSubBytes(words[1]);
        }
        Vector128<byte> result = Vector128.Create<byte>(state) ^ Vector128.Create(roundKeys[..16]);
        CryptographicOperations.ZeroMemory(state);
        return result;
    }

    static uint SubWord(uint word) => unchecked((uint)SubBytes(word));

    static void Permute(Span<byte> state, bool inverse)
    {
        Span<byte> old = stackalloc byte[16];
        state.CopyTo(old);
        for (int i = 0; i < 16; i++)
        {
            if (inverse)
            {
                state[ShiftRows[i]] = old[i];
            }
            else
            {
                state[i] = old[ShiftRows[i]];
            }
        }
        CryptographicOperations.ZeroMemory(old);
    }

    static ulong SubBytes(ulong x)
    {
        ulong b = Invert(x);
        return b ^ Rotate(b, 1) ^ Rotate(b, 2) ^ Rotate(b, 3) ^ Rotate(b, 4) ^ (Ones * 0x63);
    }

    static ulong InverseSubBytes(ulong x) => Invert(Rotate(x, 1) ^ Rotate(x, 3) ^ Rotate(x, 6) ^ (Ones * 0x05));

    /// <summary>Rotates every byte left.</summary>
    static ulong Rotate(ulong x, int bits)
    {
        ulong low = Ones * ((1u << bits) - 1);
        return ((x << bits) & ~low) | ((x >> (8 - bits)) & low);
    }

    /// <summary>x²⁵⁴ in every byte: the inverse, and 0 for 0.</summary>
    static ulong Invert(ulong x)
    {
        ulong x2 = Multiply(x, x);
        ulong x3 = Multiply(x2, x);
        ulong x12 = Square(Square(x3));
        ulong x240 = Square(Square(Square(Square(Multiply(x12, x3)))));
        return Multiply(Multiply(x240, x12), x2);
    }

    static ulong Square(ulong x) => Multiply(x, x);

    static ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= a & (((b >> bit) & Ones) * 0xff);
            a = Double(a);
        }
        return product;
    }

    static ulong Double(ulong x) => ((x & (Ones * 0x7f)) << 1) ^ (((x >> 7) & Ones) * 0x1b);

    /// <summary>Two columns at once: 2a ⊕ 3b ⊕ c ⊕ d by rotations of each 32-bit half.</summary>
    static ulong MixColumns(ulong x)
    {
        ulong next = RotateColumns(x, 8);
        return Double(x ^ next) ^ next ^ RotateColumns(x, 16) ^ RotateColumns(x, 24);
    }

    /// <summary>The inverse is MixColumns after adding 4(a ⊕ c) to a and c, 4(b ⊕ d) to b and d.</summary>
    static ulong InverseMixColumns(ulong x) => MixColumns(x ^ Double(Double(x ^ RotateColumns(x, 16))));

    static ulong RotateColumns(ulong x, int bits) =>
        (ulong)uint.RotateRight((uint)(x >> 32), bits) << 32 | uint.RotateRight((uint)(x & uint.MaxValue), bits);
}
