namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>What one thread works in: a ciphertext that is summed up and squared, the part of its square that has no key, and a spare.</summary>
sealed class SquaringSpace(SquaringRing ring)
{
    public double[][] B { get; } = ring.Zero(ring.Count);

    public double[][] A { get; } = ring.Zero(ring.Count);

    public double[][] Top { get; } = ring.Zero(ring.Count);

    public double[] Spare { get; } = new double[ring.Degree];

    /// <summary>A sum of nothing.</summary>
    public void Clear(int primes)
    {
        foreach (double[] polynomial in B.Take(primes).Concat(A.Take(primes)))
        {
            Array.Clear(polynomial);
        }
    }
}
