using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Funion.Cryptography;

/// <summary>
/// POLYVAL: the universal hash under GCM-SIV and HCTR2. S ← (S ⊕ X)·H·x⁻¹²⁸ in GF(2)[x]/(x¹²⁸ + x¹²⁷ + x¹²⁶ + x¹²¹ + 1) for every block X.
/// With carry-less multiplication eight blocks share one reduction, over H¹ to H⁸; without, <see cref="PolyvalPortable"/> multiplies in constant
/// time. Lives on the stack; wiped by <see cref="Clear"/>.
/// <list type="bullet">
/// <item>References: RFC 8452, sections 3 and appendix A.</item>
/// <item>Parameters: key, block and hash 16 bytes.</item>
/// </list>
/// </summary>
ref struct Polyval
{
    public const int BlockSize = 16;

    const int Aggregated = 8;

    Powers _powers;

    Vector128<ulong> _hash;

    int _ready;

    readonly bool _portable;

    public Polyval(Vector128<byte> key) : this(key, portable: false)
    {
    }

    /// <summary>Starts a hash; <paramref name="portable"/> takes the fallback even where there are instructions.</summary>
    public Polyval(Vector128<byte> key, bool portable)
    {
        _portable = portable || !Pclmulqdq.IsSupported;
        _powers[0] = key.AsUInt64();
        _ready = 1;
        _hash = default;
    }

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsAccelerated => Pclmulqdq.IsSupported;

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
    public void Append(Vector128<byte> block) => _hash = Dot(_hash ^ block.AsUInt64(), _powers[0]);

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
        if (!_portable && data.Length >= Aggregated * BlockSize)
        {
            PreparePowers();
            int whole = data.Length / (Aggregated * BlockSize) * (Aggregated * BlockSize);
            AppendEights(data[..whole]);
            data = data[whole..];
        }
        for (; data.Length > 0; data = data[BlockSize..])
        {
            Append(Vector128.Create(data[..BlockSize]));
        }
    }

    void PreparePowers()
    {
        for (; _ready < Aggregated; _ready++)
        {
            _powers[_ready] = Dot(_powers[_ready - 1], _powers[0]);
        }
    }

    void AppendEights(ReadOnlySpan<byte> data)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        ref Vector128<ulong> powers = ref Unsafe.As<Powers, Vector128<ulong>>(ref _powers);
        Vector128<ulong> hash = _hash;
        for (int offset = 0; offset < data.Length; offset += Aggregated * BlockSize)
        {
            Vector128<ulong> low = default, middle = default, high = default;
            for (int i = 0; i < Aggregated; i++)
            {
                Vector128<ulong> x = Vector128.LoadUnsafe(ref start, (nuint)(offset + (i * BlockSize))).AsUInt64();
                if (i == 0)
                {
                    x ^= hash;
                }
                Vector128<ulong> h = Unsafe.Add(ref powers, Aggregated - 1 - i);
                low ^= Pclmulqdq.CarrylessMultiply(x, h, 0x00);
                high ^= Pclmulqdq.CarrylessMultiply(x, h, 0x11);
                middle ^= Pclmulqdq.CarrylessMultiply(x, h, 0x01) ^ Pclmulqdq.CarrylessMultiply(x, h, 0x10);
            }
            hash = Reduce(low, middle, high);
        }
        _hash = hash;
    }

    readonly Vector128<ulong> Dot(Vector128<ulong> a, Vector128<ulong> b) => _portable
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
