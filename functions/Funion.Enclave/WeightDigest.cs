using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;

namespace Funion.Enclave;

/// <summary>
/// What the enclave keeps of a layer's encrypted weights to hold answers to them: for every block k of channels Σ_m r_m·(b + ρ·a) over the filter blocks m, with
/// r_m and ρ drawn at every start and never told. It costs a pass over the weights once, and no memory that grows with filters.
/// </summary>
sealed class WeightDigest : IDisposable
{
    readonly double[][] _sums;
    readonly (double, double)[] _factors;
    int _given;

    public WeightDigest(HiddenLayout layout)
    {
        Layout = layout;
        Point = ResidueRing.Draw();
        _factors = [.. Enumerable.Range(0, layout.FilterBlocks).Select(_ => ResidueRing.Draw())];
        _sums = [.. Enumerable.Range(0, layout.ChannelBlocks).Select(_ => GC.AllocateArray<double>(layout.Parameters.Ring.Length, pinned: true))];
    }

    public HiddenLayout Layout { get; }

    /// <summary>ρ.</summary>
    public (double, double) Point { get; }

    public bool IsComplete => _given == Layout.WeightCiphertexts;

    /// <summary>r_m.</summary>
    public (double, double) Factor(int filterBlock) => _factors[filterBlock];

    /// <summary>The sum of one block of channels.</summary>
    public ReadOnlySpan<double> Sum(int channelBlock) => _sums[channelBlock];

    /// <summary>Takes the next ciphertext of weights; false when it is none.</summary>
    public bool Add(ReadOnlySpan<byte> ciphertext)
    {
        ResidueRing ring = Layout.Parameters.Ring;
        if (IsComplete || ciphertext.Length != Layout.WeightSize)
        {
            return false;
        }
        using LatticeScratch first = new(ring.Length), second = new(ring.Length);
        Span<double> b = MemoryMarshal.Cast<ulong, double>(first.Words), a = MemoryMarshal.Cast<ulong, double>(second.Words);
        if (!ring.TryRead(ciphertext[..ring.ByteSize], b) || !ring.TryRead(ciphertext[ring.ByteSize..], a))
        {
            return false;
        }
        ring.MultiplyAdd(Point, a, b);
        ring.MultiplyAdd(_factors[_given % Layout.FilterBlocks], b, _sums[_given / Layout.FilterBlocks]);
        _given++;
        return true;
    }

    public void Dispose()
    {
        _factors.AsSpan().Clear();
        foreach (double[] sum in _sums)
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(sum.AsSpan()));
        }
    }
}
