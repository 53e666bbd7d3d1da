using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// POLYVAL: the universal hash under GCM-SIV and HCTR2. S ← (S ⊕ X)·H·x⁻¹²⁸ in GF(2)[x]/(x¹²⁸ + x¹²⁷ + x¹²⁶ + x¹²¹ + 1) for every block X.
/// With carry-less multiplication sixteen blocks share one reduction, over H¹ to H¹⁶, one, two or four to an instruction; without,
/// <see cref="PolyvalPortable"/> multiplies in constant time. Lives on the stack; wiped by <see cref="Clear"/>.
/// <list type="bullet">
/// <item>References: RFC 8452, sections 3 and appendix A.</item>
/// <item>Parameters: key, block and hash 16 bytes.</item>
/// </list>
/// </summary>
ref struct Polyval
{
    public const int BlockSize = 16;

    const int Aggregated = 16, AggregatedSize = Aggregated * BlockSize;

    /// <summary>The key's powers, the highest first, as a run of blocks wants them.</summary>
    Powers _powers;

    Vector128<ulong> _hash;

    bool _ready;

    readonly CarrylessWidth _width;

    public Polyval(Vector128<byte> key) : this(key, CarrylessWidths.Best)
    {
    }

    /// <summary>Starts a hash; <paramref name="portable"/> takes the fallback even where there are instructions.</summary>
    public Polyval(Vector128<byte> key, bool portable) : this(key, portable ? CarrylessWidth.Portable : CarrylessWidths.Best)
    {
    }

    /// <summary>Starts a hash by no wider instructions than <paramref name="width"/>.</summary>
    public Polyval(Vector128<byte> key, CarrylessWidth width)
    {
        _width = width < CarrylessWidths.Best ? width : CarrylessWidths.Best;
        _powers[Aggregated - 1] = key.AsUInt64();
        _hash = default;
    }

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsAccelerated => CarrylessWidths.Best > CarrylessWidth.Portable;

    /// <summary>The hash so far.</summary>
    public readonly Vector128<byte> Hash => _hash.AsByte();

    /// <summary>Begins again with the same key.</summary>
    public void Reset() => _hash = default;

    /// <summary>Goes on from an earlier hash of the same key.</summary>
    public void Resume(Vector128<byte> hash) => _hash = hash.AsUInt64();

    /// <summary>Wipes the key's powers and the hash.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes((Span<Vector128<ulong>>)_powers));
        _hash = default;
    }

    /// <summary>Adds one block.</summary>
    public void Append(Vector128<byte> block) => _hash = Dot(_hash ^ block.AsUInt64(), _powers[Aggregated - 1]);

    /// <summary>Adds data, padded with zeros to whole blocks.</summary>
    public void AppendPadded(ReadOnlySpan<byte> data) => AppendPadded(data, padding: 0);

    /// <summary>Adds data; an incomplete last block ends with <paramref name="padding"/> and zeros.</summary>
    public void AppendPadded(ReadOnlySpan<byte> data, byte padding)
    {
        int whole = data.Length & ~(BlockSize - 1);
        AppendBlocks(data[..whole]);
        if (whole < data.Length)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            last.Clear();
            data[whole..].CopyTo(last);
            last[data.Length - whole] = padding;
            Append(Vector128.Create<byte>(last));
            CryptographicOperations.ZeroMemory(last);
        }
    }

    void AppendBlocks(ReadOnlySpan<byte> data)
    {
        if (_width > CarrylessWidth.Portable && data.Length >= AggregatedSize)
        {
            PreparePowers();
            int whole = data.Length / AggregatedSize * AggregatedSize;
            AppendRuns(data[..whole]);
            data = data[whole..];
        }
        for (; data.Length > 0; data = data[BlockSize..])
        {
            Append(Vector128.Create(data[..BlockSize]));
        }
    }

    void PreparePowers()
    {
        // Each from two halves, so that four multiplications lie behind one another and not fifteen.
        for (int power = 2; !_ready && power <= Aggregated; power++)
        {
            _powers[Aggregated - power] = Dot(_powers[Aggregated - (power / 2)], _powers[Aggregated - (power - (power / 2))]);
        }
        _ready = true;
    }

    void AppendRuns(ReadOnlySpan<byte> data)
    {
        ref ulong start = ref Unsafe.As<byte, ulong>(ref MemoryMarshal.GetReference(data));
        ref ulong powers = ref Unsafe.As<Powers, ulong>(ref _powers);
        Vector128<ulong> hash = _hash;
        for (nuint at = 0; at < (nuint)data.Length / sizeof(ulong); at += AggregatedSize / sizeof(ulong))
        {
            ref ulong run = ref Unsafe.Add(ref start, at);
            hash = _width switch
            {
                CarrylessWidth.Four => RunByFours(hash, ref run, ref powers),
                CarrylessWidth.Two => RunByTwos(hash, ref run, ref powers),
                _ => RunByOnes(hash, ref run, ref powers),
            };
        }
        _hash = hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> RunByFours(Vector128<ulong> hash, ref ulong run, ref ulong powers)
    {
        Vector512<ulong> low = default, middle = default, high = default, first = Vector512.Create(Vector256.Create(hash, default), default);
        for (nuint i = 0; i < 2 * Aggregated; i += (nuint)Vector512<ulong>.Count)
        {
            Vector512<ulong> x = Vector512.LoadUnsafe(ref run, i) ^ first, h = Vector512.LoadUnsafe(ref powers, i);
            first = default;
            low ^= Pclmulqdq.V512.CarrylessMultiply(x, h, 0x00);
            high ^= Pclmulqdq.V512.CarrylessMultiply(x, h, 0x11);
            middle ^= Pclmulqdq.V512.CarrylessMultiply(x, h, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(x, h, 0x10);
        }
        return Reduce(
            Fold(low.GetLower() ^ low.GetUpper()), Fold(middle.GetLower() ^ middle.GetUpper()), Fold(high.GetLower() ^ high.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> RunByTwos(Vector128<ulong> hash, ref ulong run, ref ulong powers)
    {
        Vector256<ulong> low = default, middle = default, high = default, first = Vector256.Create(hash, default);
        for (nuint i = 0; i < 2 * Aggregated; i += (nuint)Vector256<ulong>.Count)
        {
            Vector256<ulong> x = Vector256.LoadUnsafe(ref run, i) ^ first, h = Vector256.LoadUnsafe(ref powers, i);
            first = default;
            low ^= Pclmulqdq.V256.CarrylessMultiply(x, h, 0x00);
            high ^= Pclmulqdq.V256.CarrylessMultiply(x, h, 0x11);
            middle ^= Pclmulqdq.V256.CarrylessMultiply(x, h, 0x01) ^ Pclmulqdq.V256.CarrylessMultiply(x, h, 0x10);
        }
        return Reduce(Fold(low), Fold(middle), Fold(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> RunByOnes(Vector128<ulong> hash, ref ulong run, ref ulong powers)
    {
        Vector128<ulong> low = default, middle = default, high = default;
        for (nuint i = 0; i < 2 * Aggregated; i += (nuint)Vector128<ulong>.Count)
        {
            Vector128<ulong> x = Vector128.LoadUnsafe(ref run, i) ^ hash, h = Vector128.LoadUnsafe(ref powers, i);
            hash = default;
            low ^= Pclmulqdq.CarrylessMultiply(x, h, 0x00);
            high ^= Pclmulqdq.CarrylessMultiply(x, h, 0x11);
            middle ^= Pclmulqdq.CarrylessMultiply(x, h, 0x01) ^ Pclmulqdq.CarrylessMultiply(x, h, 0x10);
        }
        return Reduce(low, middle, high);
    }

    static Vector128<ulong> Fold(Vector256<ulong> lanes) => lanes.GetLower() ^ lanes.GetUpper();

    readonly Vector128<ulong> Dot(Vector128<ulong> a, Vector128<ulong> b) => _width == CarrylessWidth.Portable
        ? PolyvalPortable.Dot(a, b)
        : Reduce(
            Pclmulqdq.CarrylessMultiply(a, b, 0x00), Pclmulqdq.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x10),
            Pclmulqdq.CarrylessMultiply(a, b, 0x11));

    /// <summary>Montgomery reduction: twice the low half times the field's constant, swapped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        Vector128<ulong> field = Vector128.Create(0xc200000000000000ul, 0);
        low ^= Sse2.ShiftLeftLogical128BitLane(middle, 8);
        high ^= Sse2.ShiftRightLogical128BitLane(middle, 8);
        low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, field, 0x00);
        low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, field, 0x00);
        return low ^ high;
    }

    [InlineArray(Aggregated)]
    struct Powers
    {
        Vector128<ulong> _first;
    }
}
