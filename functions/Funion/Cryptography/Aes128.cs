using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Funion.Cryptography;

/// <summary>
/// AES-128 on blocks with the round keys in the caller's memory: for garbling and oblivious transfer, which change keys every few blocks and keep eight
/// blocks in flight. With the processor's instructions, or <see cref="AesPortable"/> in constant time.
/// <list type="bullet">
/// <item>References: FIPS 197.</item>
/// <item>Parameters: key and block 16 bytes, 11 round keys.</item>
/// </list>
/// </summary>
static class Aes128
{
    /// <summary>Round keys of one key, in blocks.</summary>
    public const int RoundKeys = 11;

    /// <summary>Length of a block and of a key in bytes.</summary>
    public const int BlockSize = 16;

    const int Rounds = RoundKeys - 1;

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsAccelerated => AesInstructions.IsSupported;

    /// <summary>Expands one key.</summary>
    public static void Expand(Vector128<byte> key, Span<Vector128<byte>> roundKeys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(roundKeys.Length, RoundKeys);
        if (!AesInstructions.IsSupported)
        {
            ExpandPortable(key, roundKeys);
            return;
        }
        roundKeys[0] = key;
        byte constant = 1;
        for (int round = 1; round < RoundKeys; round++)
        {
            key = Next(key, Vector128.Create((uint)constant).AsByte());
            roundKeys[round] = key;
            constant = Double(constant);
        }
    }

    /// <summary>Expands four keys, which takes hardly longer than one: their chains of dependent instructions run side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpandFour(
        Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth, Span<Vector128<byte>> roundKeys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(roundKeys.Length, 4 * RoundKeys);
        if (!AesInstructions.IsSupported)
        {
            ExpandPortable(first, roundKeys[..RoundKeys]);
            ExpandPortable(second, roundKeys.Slice(RoundKeys, RoundKeys));
            ExpandPortable(third, roundKeys.Slice(2 * RoundKeys, RoundKeys));
            ExpandPortable(fourth, roundKeys[(3 * RoundKeys)..]);
            return;
        }
        ref Vector128<byte> keys = ref MemoryMarshal.GetReference(roundKeys);
        byte constant = 1;
        for (int round = 0; round < RoundKeys; round++)
        {
            Unsafe.Add(ref keys, round) = first;
            Unsafe.Add(ref keys, RoundKeys + round) = second;
            Unsafe.Add(ref keys, (2 * RoundKeys) + round) = third;
            Unsafe.Add(ref keys, (3 * RoundKeys) + round) = fourth;
            Vector128<byte> add = Vector128.Create((uint)constant).AsByte();
            first = Next(first, add);
            second = Next(second, add);
            third = Next(third, add);
            fourth = Next(fourth, add);
            constant = Double(constant);
        }
    }

    /// <summary>Encrypts one block.</summary>
    public static Vector128<byte> Encrypt(ReadOnlySpan<Vector128<byte>> roundKeys, Vector128<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(roundKeys.Length, RoundKeys);
        if (!AesInstructions.IsSupported)
        {
            return EncryptPortable(roundKeys, block);
        }
        block ^= roundKeys[0];
        for (int round = 1; round < Rounds; round++)
        {
            block = AesInstructions.Encrypt(block, roundKeys[round]);
        }
        return AesInstructions.EncryptLast(block, roundKeys[Rounds]);
    }

    /// <summary>Encrypts eight blocks in registers; <paramref name="keys"/> is the first of 11 round keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EncryptEight(
        ref Vector128<byte> keys, ref Vector128<byte> a, ref Vector128<byte> b, ref Vector128<byte> c, ref Vector128<byte> d,
        ref Vector128<byte> e, ref Vector128<byte> f, ref Vector128<byte> g, ref Vector128<byte> h)
    {
        if (!AesInstructions.IsSupported)
        {
            ReadOnlySpan<Vector128<byte>> roundKeys = MemoryMarshal.CreateReadOnlySpan(ref keys, RoundKeys);
            a = EncryptPortable(roundKeys, a);
            b = EncryptPortable(roundKeys, b);
            c = EncryptPortable(roundKeys, c);
            d = EncryptPortable(roundKeys, d);
            e = EncryptPortable(roundKeys, e);
            f = EncryptPortable(roundKeys, f);
            g = EncryptPortable(roundKeys, g);
            h = EncryptPortable(roundKeys, h);
            return;
        }
        Vector128<byte> k = keys;
        a ^= k;
        b ^= k;
        c ^= k;
        d ^= k;
        e ^= k;
        f ^= k;
        g ^= k;
        h ^= k;
        for (int round = 1; round < Rounds; round++)
        {
            k = Unsafe.Add(ref keys, round);
            a = AesInstructions.Encrypt(a, k);
            b = AesInstructions.Encrypt(b, k);
            c = AesInstructions.Encrypt(c, k);
            d = AesInstructions.Encrypt(d, k);
            e = AesInstructions.Encrypt(e, k);
            f = AesInstructions.Encrypt(f, k);
            g = AesInstructions.Encrypt(g, k);
            h = AesInstructions.Encrypt(h, k);
        }
        k = Unsafe.Add(ref keys, Rounds);
        a = AesInstructions.EncryptLast(a, k);
        b = AesInstructions.EncryptLast(b, k);
        c = AesInstructions.EncryptLast(c, k);
        d = AesInstructions.EncryptLast(d, k);
        e = AesInstructions.EncryptLast(e, k);
        f = AesInstructions.EncryptLast(f, k);
        g = AesInstructions.EncryptLast(g, k);
        h = AesInstructions.EncryptLast(h, k);
    }

    /// <summary>
    /// Eight blocks of counter mode: E(counter), E(counter + 1), … as 128-bit little-endian numbers whose upper half is <paramref name="stream"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CounterEight(ref Vector128<byte> keys, ulong stream, ulong counter, ref Vector128<byte> blocks)
    {
        unchecked
        {
            Vector128<byte> a = At(stream, counter), b = At(stream, counter + 1), c = At(stream, counter + 2), d = At(stream, counter + 3),
                e = At(stream, counter + 4), f = At(stream, counter + 5), g = At(stream, counter + 6), h = At(stream, counter + 7);
            EncryptEight(ref keys, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            blocks = a;
            Unsafe.Add(ref blocks, 1) = b;
            Unsafe.Add(ref blocks, 2) = c;
            Unsafe.Add(ref blocks, 3) = d;
            Unsafe.Add(ref blocks, 4) = e;
            Unsafe.Add(ref blocks, 5) = f;
            Unsafe.Add(ref blocks, 6) = g;
            Unsafe.Add(ref blocks, 7) = h;
        }
    }

    /// <summary>Counter mode into memory, as <see cref="CounterEight"/> numbers the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Counter(ReadOnlySpan<Vector128<byte>> roundKeys, ulong stream, ulong counter, Span<Vector128<byte>> blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(roundKeys.Length, RoundKeys);
        ref Vector128<byte> keys = ref MemoryMarshal.GetReference(roundKeys);
        while (blocks.Length >= 8)
        {
            CounterEight(ref keys, stream, counter, ref MemoryMarshal.GetReference(blocks));
            counter = unchecked(counter + 8);
            blocks = blocks[8..];
        }
        foreach (ref Vector128<byte> block in blocks)
        {
            block = Encrypt(roundKeys, At(stream, counter));
            counter = unchecked(counter + 1);
        }
    }

    internal static void ExpandPortable(Vector128<byte> key, Span<Vector128<byte>> roundKeys)
    {
        Span<byte> bytes = stackalloc byte[BlockSize];
        key.CopyTo(bytes);
        AesPortable.ExpandKey(bytes, MemoryMarshal.AsBytes(roundKeys));
        bytes.Clear();
    }

    internal static Vector128<byte> EncryptPortable(ReadOnlySpan<Vector128<byte>> roundKeys, Vector128<byte> block) =>
        AesPortable.Encrypt(MemoryMarshal.AsBytes(roundKeys), block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> At(ulong stream, ulong counter) => Vector128.Create(counter, stream).AsByte();

    /// <summary>
    /// The next round key. The last word goes to all four columns, so that ShiftRows changes nothing and AESENCLAST is SubWord ⊕ the round's constant:
    /// shorter than AESKEYGENASSIST.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Next(Vector128<byte> key, Vector128<byte> constant)
    {
        Vector128<byte> last = Ssse3.Shuffle(key, Vector128.Create(0x0c0f0e0du).AsByte());
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 8);
        return key ^ AesInstructions.EncryptLast(last, constant);
    }

    static byte Double(byte constant) => unchecked((byte)((constant << 1) ^ (0x1b & -(constant >> 7))));
}
