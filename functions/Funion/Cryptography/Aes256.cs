using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Funion.Cryptography;

/// <summary>
/// AES-256 on blocks: the kernel under CTR, GCM-SIV and HCTR2. With the processor's AES instructions, or without any secret-indexed table
/// (<see cref="AesPortable"/>); both give the same round keys and blocks. Lives on the stack; wipe it with <see cref="Clear"/>.
/// <list type="bullet">
/// <item>References: FIPS 197.</item>
/// <item>Parameters: key 32 bytes, block 16, 14 rounds.</item>
/// </list>
/// </summary>
ref struct Aes256
{
    public const int KeySize = 32;

    public const int BlockSize = 16;

    const int Rounds = 14;

    RoundKeys _keys;

    readonly bool _portable;

    public Aes256(scoped ReadOnlySpan<byte> key) : this(key, portable: false)
    {
    }

    /// <summary>Expands a key; <paramref name="portable"/> takes the fallback even where there are instructions.</summary>
    public Aes256(scoped ReadOnlySpan<byte> key, bool portable)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize);
        _portable = portable || !AesInstructions.IsSupported;
        if (_portable)
        {
            AesPortable.ExpandKey(key, MemoryMarshal.AsBytes((Span<Vector128<byte>>)_keys));
        }
        else
        {
            Expand(Vector128.Create(key[..16]), Vector128.Create(key[16..]), _keys);
        }
    }

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsAccelerated => AesInstructions.IsSupported;

    /// <summary>Wipes the round keys.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes((Span<Vector128<byte>>)_keys));

    /// <summary>Encrypts one block.</summary>
    [UnscopedRef]
    public readonly Vector128<byte> Encrypt(Vector128<byte> block)
    {
        ReadOnlySpan<Vector128<byte>> keys = _keys;
        if (_portable)
        {
            return AesPortable.Encrypt(MemoryMarshal.AsBytes(keys), block);
        }
        block ^= keys[0];
        for (int round = 1; round < Rounds; round++)
        {
            block = AesInstructions.Encrypt(block, keys[round]);
        }
        return AesInstructions.EncryptLast(block, keys[Rounds]);
    }

    /// <summary>Decrypts one block.</summary>
    [UnscopedRef]
    public readonly Vector128<byte> Decrypt(Vector128<byte> block)
    {
        ReadOnlySpan<Vector128<byte>> keys = _keys;
        if (_portable)
        {
            return AesPortable.Decrypt(MemoryMarshal.AsBytes(keys), block);
        }
        block ^= keys[Rounds];
        for (int round = Rounds - 1; round > 0; round--)
        {
            block = AesInstructions.Decrypt(block, AesInstructions.InverseMixColumns(keys[round]));
        }
        return AesInstructions.DecryptLast(block, keys[0]);
    }

    /// <summary>
    /// XORs a keystream into <paramref name="data"/>: block i is E(<paramref name="counter"/> of i). Eight blocks in flight, since the AES
    /// instruction takes several cycles but one begins every cycle.
    /// </summary>
    [UnscopedRef]
    public readonly void XorKeystream<TCounter>(TCounter counter, Span<byte> data)
        where TCounter : struct, IAesCounter, allows ref struct
    {
        uint index = 0;
        if (!_portable)
        {
            ref byte start = ref MemoryMarshal.GetReference(data);
            int whole = data.Length / (8 * BlockSize) * (8 * BlockSize);
            for (int offset = 0; offset < whole; offset += 8 * BlockSize, index += 8)
            {
                XorEight(counter, index, ref Unsafe.Add(ref start, offset));
            }
            data = data[whole..];
        }
        Span<byte> last = stackalloc byte[BlockSize];
        for (; data.Length > 0; index++)
        {
            Vector128<byte> key = Encrypt(counter.Block(index));
            if (data.Length < BlockSize)
            {
                key.CopyTo(last);
                for (int i = 0; i < data.Length; i++)
                {
                    data[i] ^= last[i];
                }
                CryptographicOperations.ZeroMemory(last);
                return;
            }
            (Vector128.Create<byte>(data[..BlockSize]) ^ key).CopyTo(data);
            data = data[BlockSize..];
        }
    }

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void XorEight<TCounter>(TCounter counter, uint index, ref byte data)
        where TCounter : struct, IAesCounter, allows ref struct
    {
        ref Vector128<byte> key = ref Unsafe.As<RoundKeys, Vector128<byte>>(ref Unsafe.AsRef(in _keys));
        Vector128<byte> k = key;
        Vector128<byte> a = counter.Block(index) ^ k, b = counter.Block(index + 1) ^ k, c = counter.Block(index + 2) ^ k,
            d = counter.Block(index + 3) ^ k, e = counter.Block(index + 4) ^ k, f = counter.Block(index + 5) ^ k,
            g = counter.Block(index + 6) ^ k, h = counter.Block(index + 7) ^ k;
        for (int round = 1; round < Rounds; round++)
        {
            k = Unsafe.Add(ref key, round);
            a = AesInstructions.Encrypt(a, k);
            b = AesInstructions.Encrypt(b, k);
            c = AesInstructions.Encrypt(c, k);
            d = AesInstructions.Encrypt(d, k);
            e = AesInstructions.Encrypt(e, k);
            f = AesInstructions.Encrypt(f, k);
            g = AesInstructions.Encrypt(g, k);
            h = AesInstructions.Encrypt(h, k);
        }
        k = Unsafe.Add(ref key, Rounds);
        Xor(ref data, 0, AesInstructions.EncryptLast(a, k));
        Xor(ref data, 1, AesInstructions.EncryptLast(b, k));
        Xor(ref data, 2, AesInstructions.EncryptLast(c, k));
        Xor(ref data, 3, AesInstructions.EncryptLast(d, k));
        Xor(ref data, 4, AesInstructions.EncryptLast(e, k));
        Xor(ref data, 5, AesInstructions.EncryptLast(f, k));
        Xor(ref data, 6, AesInstructions.EncryptLast(g, k));
        Xor(ref data, 7, AesInstructions.EncryptLast(h, k));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Xor(ref byte data, nuint block, Vector128<byte> key) =>
        (Vector128.LoadUnsafe(ref data, block * BlockSize) ^ key).StoreUnsafe(ref data, block * BlockSize);

    static void Expand(Vector128<byte> low, Vector128<byte> high, Span<Vector128<byte>> keys)
    {
        keys[0] = low;
        keys[1] = high;
        Step(keys, 2, AesInstructions.KeygenAssist(keys[1], 0x01));
        Step(keys, 4, AesInstructions.KeygenAssist(keys[3], 0x02));
        Step(keys, 6, AesInstructions.KeygenAssist(keys[5], 0x04));
        Step(keys, 8, AesInstructions.KeygenAssist(keys[7], 0x08));
        Step(keys, 10, AesInstructions.KeygenAssist(keys[9], 0x10));
        Step(keys, 12, AesInstructions.KeygenAssist(keys[11], 0x20));
        Step(keys, 14, AesInstructions.KeygenAssist(keys[13], 0x40));
    }

    static void Step(Span<Vector128<byte>> keys, int round, Vector128<byte> assist)
    {
        keys[round] = Mix(keys[round - 2], Sse2.Shuffle(assist.AsInt32(), 0xff).AsByte());
        if (round + 1 < keys.Length)
        {
            Vector128<byte> next = AesInstructions.KeygenAssist(keys[round], 0);
            keys[round + 1] = Mix(keys[round - 1], Sse2.Shuffle(next.AsInt32(), 0xaa).AsByte());
        }
    }

    static Vector128<byte> Mix(Vector128<byte> key, Vector128<byte> word)
    {
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 8);
        return key ^ word;
    }

    [InlineArray(Rounds + 1)]
    struct RoundKeys
    {
        Vector128<byte> _first;
    }
}
