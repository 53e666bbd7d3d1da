using System.Numerics;
using System.Runtime.Intrinsics;
using Funion.Private.Lattice;

namespace Funion.Tests.Private.Hidden;

/// <summary>Arithmetic mod two primes on doubles: exact, whatever the operands.</summary>
public sealed class ResidueRingTests
{
    public static TheoryData<long> Primes() => [PrimeField.First.Prime, PrimeField.Second.Prime];

    [Theory]
    [MemberData(nameof(Primes))]
    public void Products_are_exact_to_the_edge_of_what_may_be_multiplied(long prime)
    {
        PrimeField field = new(prime);
        Random random = new(1);
        long[] edges = [0, 1, -1, prime / 2, -(prime / 2), (prime / 2) + 1, prime - 1, 1 - prime, prime];
        for (int round = 0; round < 20_000; round++)
        {
            long x = round < edges.Length * edges.Length ? edges[round / edges.Length] : random.NextInt64(-prime, prime + 1);
            long y = round < edges.Length * edges.Length ? edges[round % edges.Length] : random.NextInt64(-prime, prime + 1);
            // What the transform multiplies may be a sum of a few.
            double large = x * (double)(1 + (round % 3));
            Vector512<double> product = PrimeField.Multiply(Vector512.Create(large), Vector512.Create((double)y), field.P, field.Reciprocal);
            double value = product[round % 8], reduced = PrimeField.Reduce(product, field.P, field.Reciprocal)[0];
            Assert.True(Math.Abs(value) <= 0.9 * prime, $"{x}·{y}: {value}");
            Assert.True(Math.Abs(reduced) <= (prime + 1) / 2);
            Assert.Equal(BigInteger.Zero, (((BigInteger)large * y) - (BigInteger)value) % prime);
            Assert.Equal(BigInteger.Zero, ((BigInteger)value - (BigInteger)reduced) % prime);
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(2_048)]
    [InlineData(4_096)]
    public void A_product_of_transforms_is_the_negacyclic_product(int degree)
    {
        Random random = new(2);
        foreach (PrimeField field in (PrimeField[])[PrimeField.First, PrimeField.Second])
        {
            PrimeTransform transform = new(field, degree);
            double[] x = [.. Enumerable.Range(0, degree).Select(_ => (double)random.NextInt64(-field.Prime / 2, field.Prime / 2))], y = new double[degree];
            int[] places = [0, 1, degree / 2, degree - 1];
            foreach (int place in places)
            {
                y[place] = random.NextInt64(-field.Prime / 2, field.Prime / 2);
            }
            double[] expected = new double[degree];
            for (int i = 0; i < degree; i++)
            {
                BigInteger sum = 0;
                foreach (int place in places)
                {
                    int from = i - place;
                    sum += (from >= 0 ? 1 : -1) * (BigInteger)x[(from + degree) % degree] * (BigInteger)y[place];
                }
                expected[i] = field.Element(sum);
            }
            double[] product = new double[degree];
            transform.Forward(x);
            transform.Forward(y);
            field.Multiply(x, y, product);
            transform.Back(product);
            Assert.Equal(expected, product);
        }
    }

    [Fact]
    public void The_extremes_of_a_transform_come_back()
    {
        // All coefficients at their greatest, with all signs that add up: nothing grows past 2^53.
        PrimeTransform transform = new(PrimeField.First, 4_096);
        double greatest = PrimeField.First.Prime / 2;
        foreach (Func<int, double> sign in (Func<int, double>[])[_ => 1, i => i % 2 == 0 ? 1 : -1, i => (i & 64) == 0 ? 1 : -1])
        {
            double[] x = [.. Enumerable.Range(0, 4_096).Select(i => greatest * sign(i))], y = [.. x];
            transform.Forward(y);
            Assert.DoesNotContain(y, element => Math.Abs(element) > greatest + 1);
            transform.Back(y);
            Assert.Equal(x, y);
        }
    }

    [Fact]
    public void Coefficients_are_lifted_from_the_middle_of_q()
    {
        ResidueRing ring = ResidueRing.Large;
        BigInteger q = (BigInteger)PrimeField.First.Prime * PrimeField.Second.Prime, half = q / 2;
        Random random = new(3);
        byte[] bytes = new byte[12];
        BigInteger[] numbers = [.. Enumerable.Range(0, ring.Degree).Select(i =>
        {
            random.NextBytes(bytes);
            return (new BigInteger(bytes, isUnsigned: true) % q) - half;
        })];
        (numbers[0], numbers[1], numbers[2], numbers[3]) = (0, -1, half - PrimeField.First.Prime, PrimeField.First.Prime - half);
        double[] polynomial = [.. numbers.Select(PrimeField.First.Element), .. numbers.Select(PrimeField.Second.Element)];
        ulong[] words = new ulong[ring.Degree];
        ring.Lift(polynomial, words);
        BigInteger mask = ulong.MaxValue;
        Assert.Equal(numbers.Select(number => (ulong)(number & mask)), words);
        byte[] wire = new byte[ring.ByteSize];
        ring.Write(polynomial, wire);
        double[] read = new double[ring.Length];
        Assert.True(ring.TryRead(wire, read));
        Assert.Equal(polynomial, read);
    }

    [Fact]
    public void A_residue_has_one_encoding()
    {
        ResidueRing ring = ResidueRing.Large;
        double[] read = new double[ring.Length];
        foreach (int at in (int[])[0, 1, ring.Degree - 1, ring.Degree, ring.Length - 1])
        {
            byte[] bytes = new byte[ring.ByteSize];
            long prime = at < ring.Degree ? PrimeField.First.Prime : PrimeField.Second.Prime;
            BitConverter.GetBytes(prime - 1).AsSpan(0, 6).CopyTo(bytes.AsSpan(6 * at));
            Assert.True(ring.TryRead(bytes, read));
            Assert.Equal(-1, read[at]);
            BitConverter.GetBytes(prime).AsSpan(0, 6).CopyTo(bytes.AsSpan(6 * at));
            Assert.False(ring.TryRead(bytes, read));
            Assert.False(ring.TryRead(bytes.AsSpan(1), read));
        }
    }
}
