using System.Numerics;
using Funion.Private.Lattice;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>
/// Z_Q[X]/(X^N + 1) for a product of many primes of 48 bits, by their residues: what squares take that nobody decrypts in between. A polynomial is an array for each prime, transformed.
/// </summary>
sealed class SquaringRing
{
    readonly PrimeField[] _fields;
    readonly PrimeTransform[] _transforms;

    /// <summary>A ring of so many primes.</summary>
    /// <exception cref="ArgumentException">Below 128 bits by the table.</exception>
    public SquaringRing(int degree, int primes)
    {
        if (48 * primes > SecurityTable.MaxModulusBits(degree))
        {
            throw new ArgumentException($"{48 * primes} bits are too many for degree {degree}.", nameof(primes));
        }
        Degree = degree;
        _fields = [.. Primes(degree).Take(primes).Select(prime => new PrimeField(prime))];
        _transforms = [.. _fields.Select(field => new PrimeTransform(field, degree))];
    }

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>How many primes there are.</summary>
    public int Count => _fields.Length;

    /// <summary>The primes below 2^48 that are 1 mod 2N, the greatest first.</summary>
    public static IEnumerable<long> Primes(int degree)
    {
        for (long candidate = (1L << 48) - (2 * degree) + 1; candidate > 1L << 47; candidate -= 2 * degree)
        {
            if (IsPrime(candidate))
            {
                yield return candidate;
            }
        }
    }

    public PrimeField Field(int prime) => _fields[prime];

    public void Forward(int prime, double[] polynomial) => _transforms[prime].Forward(polynomial);

    public void Back(int prime, double[] polynomial) => _transforms[prime].Back(polynomial);

    /// <summary>A number mod one prime.</summary>
    public double Residue(int prime, BigInteger number) => _fields[prime].Element(number);

    /// <summary>The inverse of a number mod one prime.</summary>
    public double Inverse(int prime, long number) => _fields[prime].Element(_fields[prime].Power(number, _fields[prime].Prime - 2));

    /// <summary>Zeros for the first so many primes.</summary>
    public double[][] Zero(int primes) => [.. Enumerable.Range(0, primes).Select(_ => new double[Degree])];

    /// <summary>Miller and Rabin, exact below 2^64 with these bases.</summary>
    static bool IsPrime(long number)
    {
        int twos = BitOperations.TrailingZeroCount(number - 1);
        foreach (int witness in (int[])[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37])
        {
            BigInteger power = BigInteger.ModPow(witness, (number - 1) >> twos, number);
            bool passes = power.IsOne || power == number - 1;
            for (int i = 1; i < twos && !passes; i++)
            {
                power = power * power % number;
                passes = power == number - 1;
            }
            if (!passes)
            {
                return false;
            }
        }
        return true;
    }
}
