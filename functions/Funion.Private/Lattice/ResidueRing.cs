using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Funion.Private.Lattice;

/// <summary>
/// Z_q[X]/(X^N + 1) for q = p₁·p₂: a polynomial is 2N doubles, N residues mod p₁ and then N mod p₂, as coefficients or transformed.
/// On the wire it is 12·N bytes: every residue in [0, p), 48 bits, little-endian.
/// </summary>
sealed class ResidueRing
{
    const ulong WordMask = (1UL << 48) - 1;

    readonly PrimeTransform _first, _second;
    readonly Vector512<double> _inverse;

    ResidueRing(int degree)
    {
        (_first, _second) = (new PrimeTransform(PrimeField.First, degree), new PrimeTransform(PrimeField.Second, degree));
        _inverse = Vector512.Create(PrimeField.Second.Element(PrimeField.Second.Power(PrimeField.First.Prime, PrimeField.Second.Prime - 2)));
        Degree = degree;
    }

    /// <summary>The ring of products of two ciphertexts.</summary>
    public static ResidueRing Large { get; } = new(4_096);

    /// <summary>Bits of q.</summary>
    public const int ModulusBits = 96;

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>Doubles of a polynomial.</summary>
    public int Length => 2 * Degree;

    /// <summary>Bytes of a polynomial.</summary>
    public int ByteSize => Length * PrimeField.ElementSize;

    /// <summary>Coefficients to elements of the transform, in place.</summary>
    public void Forward(Span<double> polynomial)
    {
        _first.Forward(polynomial[..Degree]);
        _second.Forward(polynomial[Degree..]);
    }

    /// <summary>Elements of the transform to coefficients, in place.</summary>
    public void Back(Span<double> polynomial)
    {
        _first.Back(polynomial[..Degree]);
        _second.Back(polynomial[Degree..]);
    }

    /// <summary>sum += x·y of transformed polynomials.</summary>
    public void MultiplyAdd(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> sum)
    {
        PrimeField.First.MultiplyAdd(x[..Degree], y[..Degree], sum[..Degree]);
        PrimeField.Second.MultiplyAdd(x[Degree..], y[Degree..], sum[Degree..]);
    }

    /// <summary>sum += (x₁, x₂)·y: a factor of its own for each prime.</summary>
    public void MultiplyAdd((double First, double Second) x, ReadOnlySpan<double> y, Span<double> sum)
    {
        PrimeField.First.MultiplyAdd(x.First, y[..Degree], sum[..Degree]);
        PrimeField.Second.MultiplyAdd(x.Second, y[Degree..], sum[Degree..]);
    }

    /// <summary>The residues of signed numbers below p/2 in magnitude.</summary>
    public void Spread(ReadOnlySpan<ulong> coefficients, Span<double> polynomial)
    {
        for (int i = 0; i < Degree; i++)
        {
            polynomial[i] = unchecked((long)coefficients[i]);
        }
        polynomial[..Degree].CopyTo(polynomial[Degree..]);
    }

    /// <summary>Coefficients mod 2^64, from their representatives in (−q/2, q/2): r₁ + p₁·((r₂ − r₁)/p₁ mod p₂). Wipes nothing.</summary>
    public void Lift(ReadOnlySpan<double> polynomial, Span<ulong> coefficients)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(polynomial.Length, Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(coefficients.Length, Degree);
        Vector512<long> prime = Vector512.Create(PrimeField.First.Prime);
        (Vector512<double> p, Vector512<double> reciprocal) = (PrimeField.Second.P, PrimeField.Second.Reciprocal);
        for (int i = 0; i < Degree; i += 8)
        {
            Vector512<double> low = Vector512.Create(polynomial.Slice(i, 8)), high = Vector512.Create(polynomial.Slice(Degree + i, 8));
            Vector512<double> digit = PrimeField.Reduce(PrimeField.Multiply(high - low, _inverse, p, reciprocal), p, reciprocal);
            // Integers all of them: no conversion rounds.
            (Vector512.ConvertToInt64Native(low) + (Vector512.ConvertToInt64Native(digit) * prime)).AsUInt64().CopyTo(coefficients.Slice(i, 8));
        }
    }

    /// <summary>Writes a polynomial.</summary>
    public void Write(ReadOnlySpan<double> polynomial, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(polynomial.Length, Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, ByteSize);
        Span<byte> last = stackalloc byte[8];
        for (int i = 0; i < Length; i++)
        {
            long prime = i < Degree ? PrimeField.First.Prime : PrimeField.Second.Prime, value = (long)polynomial[i];
            value += (value >> 63) & prime;
            if (i < Length - 1)
            {
                // Two bytes too many, which the next one overwrites.
                BinaryPrimitives.WriteInt64LittleEndian(bytes[(i * PrimeField.ElementSize)..], value);
                continue;
            }
            BinaryPrimitives.WriteInt64LittleEndian(last, value);
            last[..PrimeField.ElementSize].CopyTo(bytes[(i * PrimeField.ElementSize)..]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> writes; false for another length or a residue that is not below its prime.</summary>
    public bool TryRead(ReadOnlySpan<byte> bytes, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(polynomial.Length, Length);
        return bytes.Length == ByteSize && Read(bytes, PrimeField.First.Prime, polynomial[..Degree], 0) & Read(bytes, PrimeField.Second.Prime, polynomial[Degree..], Degree);
    }

    /// <summary>A transformed polynomial that is uniform to whoever does not choose its seed, see <see cref="LatticeSampling.Expand"/>.</summary>
    public void Expand(ReadOnlySpan<byte> seed, MaskKind kind, uint index, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, 1u << 31);
        using LatticeScratch words = new(Length), spare = new(8);
        LatticeSampling.Expand(seed, kind, index, words.Words, WordMask);
        LatticeSampling.Expand(seed, kind, index | (1u << 31), spare.Words, WordMask);
        int spares = 0;
        for (int i = 0; i < Length; i++)
        {
            long prime = i < Degree ? PrimeField.First.Prime : PrimeField.Second.Prime, word = (long)words.Words[i];
            while (word >= prime)
            {
                // One word in 2^31 is none. Eight spares are too few once in 2^150.
                word = (long)spare.Words[spares++];
            }
            polynomial[i] = word - (prime & (((prime / 2) - word) >> 63));
        }
    }

    /// <summary>Uniform elements of both fields, from the system's generator.</summary>
    public static (double First, double Second) Draw() => (Draw(PrimeField.First.Prime), Draw(PrimeField.Second.Prime));

    static double Draw(long prime)
    {
        Span<byte> bytes = stackalloc byte[8];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & WordMask;
            if (word < (ulong)prime)
            {
                CryptographicOperations.ZeroMemory(bytes);
                return (long)word - (prime / 2);
            }
        }
    }

    bool Read(ReadOnlySpan<byte> bytes, long prime, Span<double> residues, int first)
    {
        long wrong = 0;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        for (int i = 0; i < residues.Length; i++)
        {
            // The last one is read with the two bytes before it.
            bool end = first + i == Length - 1;
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, ((first + i) * PrimeField.ElementSize) - (end ? 2 : 0)));
            long value = (long)(end ? word >> 16 : word & WordMask);
            wrong |= prime - 1 - value;
            residues[i] = value - (prime & (((prime / 2) - value) >> 63));
        }
        return wrong >= 0;
    }
}
