using System.Numerics;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>
/// BGV over <see cref="SquaringRing"/> for messages in N slots of Z_t: a ciphertext has c₀ + c₁·s = m + t·e. Squares have a relinearisation key, digits being the residues; then two primes go,
/// and with them noise. For measuring: keys and noise are of full size, and wiped by nobody.
/// <list type="bullet">
/// <item>References: Brakerski, Gentry and Vaikuntanathan (2012); Bajard and others (2016) for digits by residues; CryptoNets (Dowlin and others, 2016) for one ciphertext a value.</item>
/// </list>
/// </summary>
sealed class SquaringScheme
{
    readonly SquaringRing _ring;
    readonly PrimeField _plain;
    readonly PrimeTransform _slots;
    readonly double[][] _secret, _negated;
    readonly double[][][] _keyB, _keyA;

    /// <summary>Draws keys for messages mod a prime t that is 1 mod 2N.</summary>
    public SquaringScheme(SquaringRing ring, long plain)
    {
        (_ring, Plain, _plain) = (ring, plain, new PrimeField(plain));
        _slots = new PrimeTransform(_plain, ring.Degree);
        double[] secret = new double[ring.Degree];
        ulong[] words = new ulong[ring.Degree];
        LatticeSampling.Ternary(words);
        for (int i = 0; i < secret.Length; i++)
        {
            secret[i] = unchecked((long)words[i]);
        }
        (_secret, _negated) = (Transformed(secret), Transformed([.. secret.Select(value => -value)]));
        (_keyB, _keyA) = (new double[ring.Count][][], new double[ring.Count][][]);
        for (int digit = 0; digit < ring.Count; digit++)
        {
            (_keyB[digit], _keyA[digit]) = Encrypt(new double[ring.Degree], ring.Count);
            // s² for the digit's own prime, nothing for the others: digits times these add up to what they are digits of, at every level.
            ring.Field(digit).MultiplyAdd(_secret[digit], _secret[digit], _keyB[digit][digit]);
        }
    }

    /// <summary>t.</summary>
    public long Plain { get; }

    /// <summary>Encrypts values for the slots; fewer than there are come again and again.</summary>
    public (double[][] B, double[][] A) Encrypt(ReadOnlySpan<BigInteger> slots)
    {
        double[] message = new double[_ring.Degree], first = new double[slots.Length];
        for (int i = 0; i < first.Length; i++)
        {
            first[i] = _plain.Element(slots[i]);
        }
        for (int i = 0; i < message.Length; i++)
        {
            message[i] = first[i % first.Length];
        }
        _slots.Back(message);
        return Encrypt(message, _ring.Count);
    }

    /// <summary>Decrypts what has two primes left: t's residues of the first so many slots.</summary>
    public BigInteger[] Decrypt((double[][] B, double[][] A) ciphertext, int slots)
    {
        for (int prime = 0; prime < 2; prime++)
        {
            _ring.Field(prime).MultiplyAdd(ciphertext.A[prime], _secret[prime], ciphertext.B[prime]);
            _ring.Back(prime, ciphertext.B[prime]);
        }
        (long first, long second) = (_ring.Field(0).Prime, _ring.Field(1).Prime);
        BigInteger inverse = (BigInteger)_ring.Inverse(1, first);
        double[] message = new double[_ring.Degree];
        for (int i = 0; i < message.Length; i++)
        {
            BigInteger low = (BigInteger)ciphertext.B[0][i], digit = ((((BigInteger)ciphertext.B[1][i] - low) * inverse) % second + second) % second;
            message[i] = _plain.Element(low + (first * (digit > second / 2 ? digit - second : digit)));
        }
        _slots.Forward(message);
        return [.. message.Take(slots).Select(value => (BigInteger)value)];
    }

    /// <summary>The workspace's sum += w·x: a weight that is open.</summary>
    public void AddProduct(long weight, (double[][] B, double[][] A) x, SquaringSpace space)
    {
        for (int prime = 0; prime < x.B.Length; prime++)
        {
            _ring.Field(prime).MultiplyAdd(weight, x.B[prime], space.B[prime]);
            _ring.Field(prime).MultiplyAdd(weight, x.A[prime], space.A[prime]);
        }
    }

    /// <summary>Adds a number mod t to every slot.</summary>
    public void Add(BigInteger number, ReadOnlySpan<double[]> sum)
    {
        double element = _plain.Element(number);
        for (int prime = 0; prime < sum.Length; prime++)
        {
            Span<double> polynomial = sum[prime];
            TensorPrimitives.Add(polynomial, element, polynomial);
            _ring.Field(prime).Reduce(polynomial);
        }
    }

    /// <summary>
    /// x² + linear·x + constant, relinearised, two primes fewer. Every slot has been divided by those two, mod t: <see cref="Dropped"/>. The workspace's sum is x, and is overwritten.
    /// </summary>
    public (double[][] B, double[][] A) Square(SquaringSpace space, int primes, BigInteger linear, BigInteger constant)
    {
        double factor = _plain.Element(linear);
        for (int prime = 0; prime < primes; prime++)
        {
            PrimeField field = _ring.Field(prime);
            (double[] b, double[] a) = (space.B[prime], space.A[prime]);
            field.Multiply(a, a, space.Top[prime]);
            field.Reduce(space.Top[prime]);
            // 2ab + linear·a, then b² + linear·b, each over what it is made of last.
            field.Multiply(a, b, space.Spare);
            field.MultiplyAdd(1, space.Spare, space.Spare);
            field.MultiplyAdd(factor, a, space.Spare);
            space.Spare.CopyTo(a, 0);
            field.Multiply(b, b, space.Spare);
            field.MultiplyAdd(factor, b, space.Spare);
            space.Spare.CopyTo(b, 0);
        }
        Add(constant, space.B.AsSpan(0, primes));
        for (int digit = 0; digit < primes; digit++)
        {
            double[] top = space.Top[digit];
            _ring.Field(digit).MultiplyAdd(top, _keyB[digit][digit], space.B[digit]);
            _ring.Field(digit).MultiplyAdd(top, _keyA[digit][digit], space.A[digit]);
            _ring.Back(digit, top);
            for (int prime = 0; prime < primes; prime++)
            {
                if (prime != digit)
                {
                    top.CopyTo(space.Spare, 0);
                    _ring.Forward(prime, space.Spare);
                    _ring.Field(prime).MultiplyAdd(space.Spare, _keyB[digit][prime], space.B[prime]);
                    _ring.Field(prime).MultiplyAdd(space.Spare, _keyA[digit][prime], space.A[prime]);
                }
            }
        }
        foreach (int last in (int[])[primes - 1, primes - 2])
        {
            Drop(space.B, last, space);
            Drop(space.A, last, space);
        }
        return ([.. space.B.Take(primes - 2).Select(Copy)], [.. space.A.Take(primes - 2).Select(Copy)]);

        static double[] Copy(double[] polynomial) => polynomial.AsSpan().ToArray();
    }

    /// <summary>The inverse, mod t, of the two primes that go with a square at this level: of what slots are multiplied with.</summary>
    public BigInteger Dropped(int primes) =>
        BigInteger.ModPow((BigInteger)_ring.Field(primes - 1).Prime * _ring.Field(primes - 2).Prime % Plain, Plain - 2, Plain);

    /// <summary>(c − t·u)/p for the last prime p and u = c/t mod p: the same message, divided by p mod t.</summary>
    void Drop(double[][] c, int last, SquaringSpace space)
    {
        long prime = _ring.Field(last).Prime;
        double[] residue = space.Top[0];
        c[last].CopyTo(residue, 0);
        _ring.Field(last).MultiplyAdd(_ring.Inverse(last, Plain) - 1, c[last], residue);
        _ring.Back(last, residue);
        for (int i = 0; i < last; i++)
        {
            residue.CopyTo(space.Spare, 0);
            _ring.Forward(i, space.Spare);
            _ring.Field(i).MultiplyAdd(_ring.Residue(i, -Plain), space.Spare, c[i]);
            _ring.Field(i).MultiplyAdd(_ring.Inverse(i, prime) - 1, c[i], c[i]);
        }
    }

    /// <summary>Of a message's coefficients.</summary>
    (double[][] B, double[][] A) Encrypt(double[] message, int primes)
    {
        ulong[] words = new ulong[_ring.Degree], coins = new ulong[_ring.Degree];
        LatticeSampling.AddNoise(words, HiddenParameters.NoisePairs, coins);
        double[] noise = [.. words.Select(word => (double)unchecked((long)word))];
        (double[][] b, double[][] a) = (_ring.Zero(primes), _ring.Zero(primes));
        byte[] random = new byte[8 * _ring.Degree];
        for (int prime = 0; prime < primes; prime++)
        {
            PrimeField field = _ring.Field(prime);
            message.CopyTo(b[prime], 0);
            field.MultiplyAdd(_ring.Residue(prime, Plain), noise, b[prime]);
            _ring.Forward(prime, b[prime]);
            RandomNumberGenerator.Fill(random);
            for (int i = 0; i < _ring.Degree; i++)
            {
                // 2^−15 from uniform: for measuring.
                a[prime][i] = (long)(BitConverter.ToUInt64(random, 8 * i) % (ulong)field.Prime) - (field.Prime / 2);
            }
            field.MultiplyAdd(a[prime], _negated[prime], b[prime]);
        }
        return (b, a);
    }

    double[][] Transformed(double[] coefficients)
    {
        double[][] transformed = [.. Enumerable.Range(0, _ring.Count).Select(_ => (double[])[.. coefficients])];
        for (int prime = 0; prime < _ring.Count; prime++)
        {
            _ring.Forward(prime, transformed[prime]);
        }
        return transformed;
    }
}
