using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;

namespace Funion.Enclave;

/// <summary>
/// Holds the answer of a layer to the product it should be. At every element of the transform answers are a matrix product, C[m] = Σ_k W[m,k]·X[k], with each
/// entry a polynomial in the secrets: W = b + a·S, X = b' + a'·Z. So for r, ρ and σ that the cloud does not know (Freivalds)
/// <code>Σ_m r_m·C[m](ρ, σ) = Σ_k (Σ_m r_m·W[m,k](ρ))·X[k](σ)</code>
/// holds for the right answer, and for a wrong one with probability below 3/p &lt; 2^−46: the difference is a polynomial of degree 3 in r, ρ and σ (Schwartz and Zippel). With
/// ρ for σ, what is added to the part of S could be taken off that of Z. The work is that of the ciphertexts that cross, not of their products. Without the check a cloud could
/// hand in any ciphertext under the model's key in place of an answer, and have it read for whoever it is in league with.
/// </summary>
sealed class AnswerCheck : IDisposable
{
    readonly WeightDigest _digest;
    readonly double[] _balance;
    readonly (double, double) _point = ResidueRing.Draw();
    readonly int _length;

    /// <summary>For one request and its answer.</summary>
    public AnswerCheck(WeightDigest digest)
    {
        _digest = digest;
        _length = digest.Layout.Parameters.Ring.Length;
        _balance = GC.AllocateArray<double>(digest.Layout.Tiles * _length, pinned: true);
    }

    ResidueRing Ring => _digest.Layout.Parameters.Ring;

    /// <summary>Adds one ciphertext of the request to the right side.</summary>
    public void Ask(int number, ReadOnlySpan<double> b, ReadOnlySpan<double> a)
    {
        int tile = number / _digest.Layout.ChannelBlocks, block = number % _digest.Layout.ChannelBlocks;
        Ring.MultiplyAdd(_digest.Sum(block), b, _point, a, _balance.AsSpan(tile * _length, _length));
    }

    /// <summary>Takes one ciphertext of the answer, its four polynomials, off again.</summary>
    public void Take(int number, ReadOnlySpan<double> parts)
    {
        int tile = number / _digest.Layout.FilterBlocks, block = number % _digest.Layout.FilterBlocks;
        (double one, double other) = _digest.Factor(block);
        Ring.FoldAdd(parts, _digest.Point, _point, (-one, -other), _balance.AsSpan(tile * _length, _length));
    }

    /// <summary>Whether nothing is left.</summary>
    public bool Holds()
    {
        double left = 0;
        foreach (double element in _balance)
        {
            left += Math.Abs(element);
        }
        return left == 0;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_balance.AsSpan()));
}
