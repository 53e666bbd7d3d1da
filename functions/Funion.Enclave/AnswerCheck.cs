using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;

namespace Funion.Enclave;

/// <summary>
/// Holds the answer of a layer to the product it should be. At every element of the transform answers are a matrix product, C[m] = Σ_k W[m,k]·X[k], with each
/// entry a polynomial in the secret: W = b + a·S, X = b' + a'·S. So for r and ρ that the cloud does not know (Freivalds)
/// <code>Σ_m r_m·C[m](ρ) = Σ_k (Σ_m r_m·W[m,k](ρ))·X[k](ρ)</code>
/// holds for the right answer, and for a wrong one with probability below 3/p &lt; 2^−46. The work is that of the ciphertexts that cross, not of their products. Without
/// it a cloud could hand in any ciphertext under the model's key in place of an answer, and have it read for whoever it is in league with.
/// </summary>
sealed class AnswerCheck : IDisposable
{
    readonly WeightDigest _digest;
    readonly double[] _balance;
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
        using LatticeScratch scratch = new(_length);
        Span<double> value = MemoryMarshal.Cast<ulong, double>(scratch.Words);
        b.CopyTo(value);
        Ring.MultiplyAdd(_digest.Point, a, value);
        Ring.MultiplyAdd(_digest.Sum(block), value, _balance.AsSpan(tile * _length, _length));
    }

    /// <summary>Takes one ciphertext of the answer off again.</summary>
    public void Take(int number, ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<double> third)
    {
        int tile = number / _digest.Layout.FilterBlocks, block = number % _digest.Layout.FilterBlocks;
        using LatticeScratch scratch = new(_length);
        Span<double> value = MemoryMarshal.Cast<ulong, double>(scratch.Words);
        second.CopyTo(value);
        Ring.MultiplyAdd(_digest.Point, third, value);
        using LatticeScratch whole = new(_length);
        Span<double> sum = MemoryMarshal.Cast<ulong, double>(whole.Words);
        first.CopyTo(sum);
        Ring.MultiplyAdd(_digest.Point, value, sum);
        (double one, double other) = _digest.Factor(block);
        Ring.MultiplyAdd((-one, -other), sum, _balance.AsSpan(tile * _length, _length));
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
