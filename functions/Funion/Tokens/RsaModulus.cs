using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// Arithmetic modulo a public odd number on values that are secret: Montgomery multiplication over 64-bit limbs. No branch and no index depends on an
/// operand, and what is left on the stack is wiped. Numbers are big-endian and as long as the modulus.
/// <list type="bullet">
/// <item>References: Koç, Acar, Kaliski, "Analyzing and comparing Montgomery multiplication algorithms" (1996), CIOS.</item>
/// <item>Parameters: 2048 to 4096 bits, the top bit set.</item>
/// </list>
/// </summary>
sealed class RsaModulus
{
    const int MostLimbs = 64, FewestLimbs = 32;

    readonly ulong[] _n, _rr;
    readonly ulong _negativeInverse;
    readonly BigInteger _value;

    RsaModulus(byte[] bytes)
    {
        Bytes = bytes;
        _value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        _n = new ulong[bytes.Length / sizeof(ulong)];
        Load(bytes, _n);
        _rr = new ulong[_n.Length];
        byte[] rr = new byte[bytes.Length];
        Store((BigInteger.One << (16 * bytes.Length)) % _value, rr);
        Load(rr, _rr);
        ulong inverse = 1;
        unchecked
        {
            // Newton: every round doubles the bits that are right.
            for (int i = 0; i < 6; i++)
            {
                inverse *= 2 - (_n[0] * inverse);
            }
            _negativeInverse = 0 - inverse;
        }
    }

    /// <summary>Big-endian.</summary>
    public byte[] Bytes { get; }

    /// <summary>Length in bytes.</summary>
    public int Size => Bytes.Length;

    /// <summary>Null for a modulus that is even, too short or too long, or whose top bit is not set.</summary>
    public static RsaModulus? TryCreate(ReadOnlySpan<byte> modulus) =>
        modulus.Length is >= FewestLimbs * sizeof(ulong) and <= MostLimbs * sizeof(ulong) && modulus.Length % sizeof(ulong) == 0
            && modulus[0] >= 0x80 && (modulus[^1] & 1) == 1
            ? new RsaModulus(modulus.ToArray())
            : null;

    /// <summary>Whether a public number is below the modulus.</summary>
    public bool IsReduced(ReadOnlySpan<byte> number) => number.SequenceCompareTo(Bytes) < 0;

    /// <summary>A number drawn evenly from 1 to n − 1; one that is refused says nothing of the one that is taken.</summary>
    public void Draw(Span<byte> number)
    {
        do
        {
            RandomNumberGenerator.Fill(number);
        }
        while (!IsReduced(number) || !number.ContainsAnyExcept((byte)0));
    }

    /// <summary>a·b mod n, of reduced numbers.</summary>
    public void Multiply(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> product)
    {
        Span<ulong> x = stackalloc ulong[MostLimbs], y = stackalloc ulong[MostLimbs];
        x = x[.._n.Length];
        y = y[.._n.Length];
        Load(a, x);
        Load(b, y);
        Montgomery(x, _rr, x);
        Montgomery(x, y, x);
        Store(x, product);
        x.Clear();
        y.Clear();
    }

    /// <summary>a^65537 mod n, of a reduced number.</summary>
    public void Power65537(ReadOnlySpan<byte> a, Span<byte> power)
    {
        Span<ulong> x = stackalloc ulong[MostLimbs], y = stackalloc ulong[MostLimbs];
        x = x[.._n.Length];
        y = y[.._n.Length];
        Load(a, x);
        Montgomery(x, _rr, y);
        for (int i = 0; i < 16; i++)
        {
            Montgomery(y, y, y);
        }
        Montgomery(y, x, x);
        Store(x, power);
        x.Clear();
        y.Clear();
    }

    /// <summary>
    /// a^-1 mod n; false when there is none, or, which takes a modulus with small factors, none of the mask. Euclid's algorithm runs on a·s, s drawn afresh and evenly: that product tells nothing of a, so neither
    /// BigInteger's time nor what it leaves in memory does.
    /// </summary>
    public bool TryInvert(ReadOnlySpan<byte> a, Span<byte> inverse)
    {
        byte[] mask = new byte[Size], masked = new byte[Size];
        Draw(mask);
        Multiply(a, mask, masked);
        bool inverted = TryInvertPublic(masked, masked);
        if (inverted)
        {
            Multiply(masked, mask, inverse);
        }
        CryptographicOperations.ZeroMemory(mask);
        CryptographicOperations.ZeroMemory(masked);
        return inverted;
    }

    /// <summary>Whether a public number has an inverse.</summary>
    public bool IsCoprime(ReadOnlySpan<byte> number) =>
        BigInteger.GreatestCommonDivisor(new BigInteger(number, isUnsigned: true, isBigEndian: true), _value).IsOne;

    bool TryInvertPublic(ReadOnlySpan<byte> number, Span<byte> inverse)
    {
        BigInteger a = _value, b = new(number, isUnsigned: true, isBigEndian: true), u = 0, v = 1;
        while (!b.IsZero)
        {
            BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
            (a, b) = (b, rest);
            (u, v) = (v, u - (quotient * v));
        }
        if (!a.IsOne)
        {
            return false;
        }
        Store(u.Sign < 0 ? u + _value : u, inverse);
        return true;
    }

    /// <summary>a·b·2^-64k mod n; the result may lie where an operand does.</summary>
    void Montgomery(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        unchecked
        {
            ReadOnlySpan<ulong> n = _n;
            int k = n.Length;
            Span<ulong> t = stackalloc ulong[MostLimbs + 2], d = stackalloc ulong[MostLimbs];
            t.Clear();
            for (int i = 0; i < k; i++)
            {
                ulong carry = 0;
                for (int j = 0; j < k; j++)
                {
                    t[j] = MultiplyAdd(a[j], b[i], t[j], ref carry);
                }
                UInt128 top = (UInt128)t[k] + carry;
                t[k] = (ulong)top;
                t[k + 1] = (ulong)(top >> 64);
                ulong m = t[0] * _negativeInverse;
                carry = 0;
                MultiplyAdd(m, n[0], t[0], ref carry);
                for (int j = 1; j < k; j++)
                {
                    t[j - 1] = MultiplyAdd(m, n[j], t[j], ref carry);
                }
                top = (UInt128)t[k] + carry;
                t[k - 1] = (ulong)top;
                t[k] = t[k + 1] + (ulong)(top >> 64);
            }
            ulong borrow = 0;
            for (int j = 0; j < k; j++)
            {
                UInt128 difference = (UInt128)t[j] - n[j] - borrow;
                d[j] = (ulong)difference;
                borrow = (ulong)(difference >> 64) & 1;
            }
            // All ones when t is below n and stays as it is.
            ulong stays = 0 - (borrow & (t[k] ^ 1));
            for (int j = 0; j < k; j++)
            {
                result[j] = (t[j] & stays) | (d[j] & ~stays);
            }
            t.Clear();
            d.Clear();
        }
    }

    static ulong MultiplyAdd(ulong a, ulong b, ulong addend, ref ulong carry)
    {
        unchecked
        {
            ulong high = Math.BigMul(a, b, out ulong low);
            UInt128 sum = new UInt128(high, low) + addend + carry;
            carry = (ulong)(sum >> 64);
            return (ulong)sum;
        }
    }

    static void Load(ReadOnlySpan<byte> number, Span<ulong> limbs)
    {
        for (int i = 0; i < limbs.Length; i++)
        {
            limbs[i] = BinaryPrimitives.ReadUInt64BigEndian(number[^((i + 1) * sizeof(ulong))..]);
        }
    }

    static void Store(ReadOnlySpan<ulong> limbs, Span<byte> number)
    {
        for (int i = 0; i < limbs.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number[^((i + 1) * sizeof(ulong))..], limbs[i]);
        }
    }

    static void Store(BigInteger value, Span<byte> number)
    {
        int length = value.GetByteCount(isUnsigned: true);
        number.Clear();
        value.TryWriteBytes(number[^length..], out _, isUnsigned: true, isBigEndian: true);
    }
}
