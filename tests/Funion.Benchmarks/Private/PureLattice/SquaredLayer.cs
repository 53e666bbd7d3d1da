using System.Numerics;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>A linear layer, and a square after all but the last.</summary>
/// <param name="Name">In the model file.</param>
/// <param name="Rows">Of every output: the inputs it takes, and their weights.</param>
/// <param name="Bias">Of every output.</param>
/// <param name="Square">x² + Linear·x + Constant of every output.</param>
sealed record SquaredLayer(string Name, (int Input, long Weight)[][] Rows, BigInteger[] Bias, (BigInteger Linear, BigInteger Constant)? Square)
{
    /// <summary>Products of a weight and a ciphertext.</summary>
    public long Products => Rows.Sum(row => (long)row.Length);
}
