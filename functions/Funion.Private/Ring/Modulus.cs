namespace Funion.Private.Ring;

/// <summary>
/// The ring Z_2^l in which shares live. Elements are the low l bits of a 64-bit word; the signed value of an element is its representative in
/// [−2^(l−1), 2^(l−1)). Everything wraps: that is the arithmetic, not an accident.
/// </summary>
/// <param name="Bits">l, from 2 to 64.</param>
public readonly record struct Modulus
{
    /// <summary>The ring Z_2^<paramref name="bits"/>.</summary>
    public Modulus(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 64);
        Bits = bits;
    }

    /// <summary>l.</summary>
    public int Bits { get; }

    /// <summary>2^l − 1.</summary>
    public ulong Mask => ulong.MaxValue >> (64 - Bits);

    /// <summary>Greatest signed value, 2^(l−1) − 1.</summary>
    public long Greatest => (long)(Mask >> 1);

    /// <summary>The element of a signed number.</summary>
    public ulong Element(long value) => unchecked((ulong)value) & Mask;

    /// <summary>The signed value of an element.</summary>
    public long Signed(ulong element) => unchecked((long)(element << (64 - Bits)) >> (64 - Bits));

    /// <summary>
    /// ⌊x / 2^t⌋ of the signed value, exactly: what a garbled circuit computes when it leaves out the low wires of the sum. Truncating the shares one by
    /// one is off by one now and then, and by 2^(l−t) with probability about |x| / 2^l; nothing here does that.
    /// </summary>
    public ulong Truncate(ulong element, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bits, Bits);
        return Element(Signed(element) >> bits);
    }

    /// <summary>Bytes of so many elements on the wire, packed without gaps.</summary>
    public int ByteSize(int count) => BitPacking.ByteSize(count, Bits);
}
