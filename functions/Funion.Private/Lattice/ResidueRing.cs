using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Funion.Private.Lattice;

/// <summary>
/// Z_q[X]/(X^N + 1) for q = p₁·p₂: a polynomial is 2N doubles, N residues mod p₁ and then N mod p₂, as coefficients or transformed.
/// On the wire it is 12·N bytes: every residue in [0, p), 48 bits, little-endian.
/// </summary>
sealed class ResidueRing
{
    const int Lanes = 8;
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

    /// <summary>sum += x·(y + (scale₁, scale₂)·z) of transformed polynomials.</summary>
    public void MultiplyAdd(ReadOnlySpan<double> x, ReadOnlySpan<double> y, (double First, double Second) scale, ReadOnlySpan<double> z, Span<double> sum)
    {
        PrimeField.First.MultiplyAdd(x[..Degree], y[..Degree], scale.First, z[..Degree], sum[..Degree]);
        PrimeField.Second.MultiplyAdd(x[Degree..], y[Degree..], scale.Second, z[Degree..], sum[Degree..]);
    }

    /// <summary>sum += scale·((c₀ + c₁·x) + (c₂ + c₃·x)·y) of four transformed polynomials in a row.</summary>
    public void FoldAdd(ReadOnlySpan<double> four, (double First, double Second) x, (double First, double Second) y, (double First, double Second) scale, Span<double> sum)
    {
        for (int i = 0; i < 2; i++)
        {
            int at = i * Degree;
            (PrimeField field, double inner, double outer, double factor) = i == 0
                ? (PrimeField.First, x.First, y.First, scale.First) : (PrimeField.Second, x.Second, y.Second, scale.Second);
            field.FoldAdd(
                four.Slice(at, Degree), four.Slice(Length + at, Degree), four.Slice((2 * Length) + at, Degree), four.Slice((3 * Length) + at, Degree),
                inner, outer, factor, sum.Slice(at, Degree));
        }
    }

    /// <summary>c₀ ← (c₀ + c₁·x) + (c₂ + c₃·x)·y of four transformed polynomials in a row.</summary>
    public void Fold(Span<double> four, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        for (int i = 0; i < 2; i++)
        {
            int at = i * Degree;
            (i == 0 ? PrimeField.First : PrimeField.Second).Fold(
                four.Slice(at, Degree), four.Slice(Length + at, Degree), four.Slice((2 * Length) + at, Degree), four.Slice((3 * Length) + at, Degree),
                x.Slice(at, Degree), y.Slice(at, Degree));
        }
    }

    /// <summary>The residues of t·e + m, t = 2^<paramref name="shift"/>, below p/2 in magnitude: of noise under a message.</summary>
    public void Spread(ReadOnlySpan<ulong> message, ReadOnlySpan<ulong> noise, int shift, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, Degree);
        for (int i = 0; i < Degree; i += Lanes)
        {
            Vector512<ulong> word = Vector512.Create(message.Slice(i, Lanes)) + (Vector512.Create(noise.Slice(i, Lanes)) << shift);
            Vector512.ConvertToDouble(word.AsInt64()).CopyTo(polynomial.Slice(i, Lanes));
        }
        polynomial[..Degree].CopyTo(polynomial[Degree..]);
    }

    /// <summary>The residues of signed numbers below p/2 in magnitude.</summary>
    public void Spread(ReadOnlySpan<ulong> coefficients, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(coefficients.Length, Degree);
        for (int i = 0; i < Degree; i += Lanes)
        {
            Vector512.ConvertToDouble(Vector512.Create(coefficients.Slice(i, Lanes)).AsInt64()).CopyTo(polynomial.Slice(i, Lanes));
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
        ResiduePacking.Write(polynomial[..Degree], PrimeField.First.Prime, bytes[..(ByteSize / 2)]);
        ResiduePacking.Write(polynomial[Degree..], PrimeField.Second.Prime, bytes[(ByteSize / 2)..]);
    }

    /// <summary>Reads what <see cref="Write"/> writes; false for another length or a residue that is not below its prime.</summary>
    public bool TryRead(ReadOnlySpan<byte> bytes, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(polynomial.Length, Length);
        return bytes.Length == ByteSize
            && ResiduePacking.TryRead(bytes[..(ByteSize / 2)], PrimeField.First.Prime, polynomial[..Degree])
                & ResiduePacking.TryRead(bytes[(ByteSize / 2)..], PrimeField.Second.Prime, polynomial[Degree..]);
    }

    /// <summary>A transformed polynomial that is uniform to whoever does not choose its seed, see <see cref="LatticeSampling.Expand"/>.</summary>
    public void Expand(ReadOnlySpan<byte> seed, MaskKind kind, uint index, Span<double> polynomial)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, 1u << 31);
        using LatticeScratch words = new(Length), spare = new(8);
        LatticeSampling.Expand(seed, kind, index, words.Words, WordMask);
        LatticeSampling.Expand(seed, kind, index | (1u << 31), spare.Words, WordMask);
        int spares = 0;
        for (int i = 0; i < Length; i += Lanes)
        {
            long prime = i < Degree ? PrimeField.First.Prime : PrimeField.Second.Prime;
            Span<ulong> eight = words.Words.Slice(i, Lanes);
            if (Vector512.GreaterThanOrEqualAny(Vector512.Create<ulong>(eight), Vector512.Create((ulong)prime)))
            {
                foreach (ref ulong word in eight)
                {
                    while (word >= (ulong)prime)
                    {
                        // One word in 2^31 is none. Eight spares are too few once in 2^150.
                        word = spare.Words[spares++];
                    }
                }
            }
            ResiduePacking.Center(Vector512.Create<ulong>(eight).AsInt64(), prime).CopyTo(polynomial.Slice(i, Lanes));
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
}
