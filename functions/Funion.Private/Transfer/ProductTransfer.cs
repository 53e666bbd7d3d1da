using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Shares of s·t mod 2ⁿ from correlated transfers, s the sender's and t the receiver's.
/// <code>
/// m₀, m₁ = low bits of H(K₀, i), H(K₀ ⊕ Δ, i)        c_i = m₀ − m₁ + s mod 2ⁿ⁻ⁱ                  → c_i
/// sender's share   −Σ 2ⁱ·m₀                            receiver's share   Σ 2ⁱ·(m_b + b·c_i) = Σ 2ⁱ·m₀ + s·t
/// </code>
/// t is the string of choice bits itself, so it is random and needs no message. The hash has a key for each transfer (<see cref="LabelHash"/> with u = 1),
/// since a receiver that cheats can give two transfers one label. A sender that cheats by another s in some c_i makes a product that is wrong for some
/// t: nothing checks that. The receiver aborts on nothing, so the sender sees no more than what a wrong product does to what the receiver computes.
/// <para>
/// Tweaks follow from session, number, kind and geometry, and from nothing random: a number is used once in its session, and transfers are used up by one
/// batch, never twice. Two messages of one batch of transfers under one number tell the difference of the sender's factors.
/// </para>
/// <list type="bullet">
/// <item>References: Gilboa, "Two Party RSA Key Generation" (CRYPTO 1999); Demmler, Schneider and Zohner, "ABY" (NDSS 2015), section V.</item>
/// <item>Assumption: that of the transfers, AES-128 an ideal cipher.</item>
/// </list>
/// </summary>
static class ProductTransfer
{
    const int KindSize = 9;

    /// <summary>The sender: a factor for each product, K₀ of each transfer; writes its shares and the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Send(
        ProductGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<Label> zero, ReadOnlySpan<ulong> factors,
        Span<byte> message, Span<ulong> shares)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNotEqual(zero.Length, geometry.Transfers);
        ArgumentOutOfRangeException.ThrowIfNotEqual(factors.Length, geometry.Products);
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, geometry.MessageSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Length, geometry.Products);
        message.Clear();
        shares.Clear();
        WordHashes hashes = new("funion-ot-product-v2"u8, session, number, Kind(geometry, stackalloc byte[KindSize]), stackalloc Label[LabelHash.FourKeys]);
        int offset = 0;
        unchecked
        {
            for (int i = 0; i < zero.Length; i++)
            {
                int product = i / geometry.Bits, bit = i % geometry.Bits, width = geometry.Bits - bit;
                hashes.Next();
                ulong m0 = hashes.Word(zero[i]), m1 = hashes.Word(zero[i] ^ delta);
                BitPacking.Xor(message, offset, width, m0 - m1 + factors[product]);
                shares[product] = (shares[product] - (m0 << bit)) & geometry.Mask;
                offset += width;
            }
        }
        hashes.Wipe();
    }

    /// <summary>The receiver: choice bits and K_b of each transfer; writes its factors and its shares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TransferOutcome Receive(
        ProductGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> choices, ReadOnlySpan<Label> chosen, ReadOnlySpan<byte> message,
        Span<ulong> factors, Span<ulong> shares)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNotEqual(choices.Length, TransferGeometry.ChoicesSize(geometry.Transfers));
        ArgumentOutOfRangeException.ThrowIfNotEqual(chosen.Length, geometry.Transfers);
        ArgumentOutOfRangeException.ThrowIfNotEqual(factors.Length, geometry.Products);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Length, geometry.Products);
        factors.Clear();
        shares.Clear();
        if (message.Length != geometry.MessageSize)
        {
            return TransferOutcome.WrongSize;
        }
        WordHashes hashes = new("funion-ot-product-v2"u8, session, number, Kind(geometry, stackalloc byte[KindSize]), stackalloc Label[LabelHash.FourKeys]);
        int offset = 0;
        unchecked
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                int product = i / geometry.Bits, bit = i % geometry.Bits, width = geometry.Bits - bit;
                ulong choice = (ulong)((choices[i / 8] >> (i % 8)) & 1);
                hashes.Next();
                ulong value = hashes.Word(chosen[i]) + (BitPacking.Read(message, offset, width) & (0UL - choice));
                factors[product] |= choice << bit;
                shares[product] = (shares[product] + (value << bit)) & geometry.Mask;
                offset += width;
            }
        }
        hashes.Wipe();
        return TransferOutcome.Taken;
    }

    /// <summary>What a batch is of: pads of one kind are none of another's.</summary>
    static ReadOnlySpan<byte> Kind(ProductGeometry geometry, Span<byte> kind)
    {
        BinaryPrimitives.WriteInt32LittleEndian(kind, geometry.Bits);
        BinaryPrimitives.WriteInt32LittleEndian(kind[4..], geometry.Products);
        kind[8] = (byte)geometry.Kind;
        return kind;
    }
}
