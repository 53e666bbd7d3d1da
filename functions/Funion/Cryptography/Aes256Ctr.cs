using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Funion.Cryptography;

/// <summary>
/// AES-256 in counter mode with a 128-bit big-endian counter that begins at the IV.
/// <list type="bullet">
/// <item>References: NIST SP 800-38A, section 6.5.</item>
/// <item>Parameters: key 32 bytes, IV 16.</item>
/// </list>
/// </summary>
public static class Aes256Ctr
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeySize = Aes256.KeySize;

    /// <summary>Length of an IV in bytes.</summary>
    public const int IvSize = Aes256.BlockSize;

    /// <summary>Encrypts or decrypts in place.</summary>
    public static void Xor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, Span<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(iv.Length, IvSize);
        Aes256 aes = new(key);
        aes.XorKeystream(new Counter(BinaryPrimitives.ReadUInt128BigEndian(iv)), data);
        aes.Clear();
    }

    readonly struct Counter(UInt128 start) : IAesCounter
    {
        public Vector128<byte> Block(uint index)
        {
            UInt128 value = unchecked(start + index);
            return Vector128.Create(
                BinaryPrimitives.ReverseEndianness((ulong)(value >> 64)), BinaryPrimitives.ReverseEndianness((ulong)(value & ulong.MaxValue))).AsByte();
        }
    }
}
