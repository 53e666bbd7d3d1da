namespace Funion.Private.Transfer;

/// <summary>
/// Every size of a batch of m products mod 2ⁿ by transfer (Gilboa).
/// <code>
/// transfers   = m·n                           bit i of the receiver's factor is the choice of transfer i
/// corrections = m·n·(n + 1)/2 bits            that of bit i counts mod 2ⁿ⁻ⁱ only                     sender → receiver
/// </code>
/// A square pair mod 2ˡ takes one product mod 2ˡ⁻¹, a triple two mod 2ˡ: at l = 32 and with SoftSpoken 183 and 382 bytes.
/// </summary>
sealed class ProductGeometry
{
    /// <summary>Makes a geometry of products of <paramref name="bits"/> bits, 1 to 64.</summary>
    public ProductGeometry(int bits, int products)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)products * bits, TransferGeometry.MaxTransfers, nameof(products));
        Bits = bits;
        Products = products;
    }

    /// <summary>n.</summary>
    public int Bits { get; }

    /// <summary>m.</summary>
    public int Products { get; }

    /// <summary>What they are for.</summary>
    public ProductKind Kind { get; init; }

    /// <summary>Correlated transfers that the batch uses up.</summary>
    public int Transfers => Products * Bits;

    /// <summary>Bits of the corrections of one product.</summary>
    public int CorrectionBits => Bits * (Bits + 1) / 2;

    /// <summary>Bytes of the sender's message.</summary>
    public int MessageSize => ((Products * CorrectionBits) + 7) / 8;

    internal ulong Mask => ulong.MaxValue >> (64 - Bits);
}
