using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Shares mod 2ˡ of random a and of a², for quadratic activations: one opened word a side where a multiplication triple opens two.
/// <code>
/// a = a₁ + a₂        a² = a₁² + a₂² + 2·a₁·a₂: the product counts mod 2ˡ⁻¹ only
/// x² : open e = x − a, then x² = e² + 2e·a + a²; the sender adds e²
/// </code>
/// Once used, an a is gone: e with the same a for another x tells their difference.
/// <list type="bullet">
/// <item>References: Beaver (CRYPTO 1991); Mohassel and Zhang, "SecureML" (IEEE S&amp;P 2017) for squares.</item>
/// </list>
/// </summary>
static class SquarePairs
{
    /// <summary>The products that pairs of <paramref name="width"/> bits (2 to 64) take.</summary>
    public static ProductGeometry Geometry(int width, int pairs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 2);
        return new ProductGeometry(width - 1, pairs) { Kind = ProductKind.SquarePair };
    }

    /// <summary>The sender's shares of a and a², and its message.</summary>
    public static void Send(
        ProductGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<Label> zero, Span<byte> message, Span<ulong> values,
        Span<ulong> squares)
    {
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(values));
        SendFor(geometry, session, number, delta, zero, message, values, squares);
    }

    /// <summary>
    /// The same with shares of a that the sender brings, in <paramref name="values"/>: if they are its shares of x, x − a is the receiver's share less the
    /// receiver's a, and nothing is opened by the sender.
    /// </summary>
    public static void SendFor(
        ProductGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<Label> zero, Span<byte> message, Span<ulong> values,
        Span<ulong> squares)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ProductTransfer.Send(geometry, session, number, delta, zero, values, message, squares);
        Finish(geometry, values, squares);
    }

    /// <summary>The receiver's shares of a and a².</summary>
    public static TransferOutcome Receive(
        ProductGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> choices, ReadOnlySpan<Label> chosen, ReadOnlySpan<byte> message,
        Span<ulong> values, Span<ulong> squares)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        TransferOutcome outcome = ProductTransfer.Receive(geometry, session, number, choices, chosen, message, values, squares);
        if (outcome != TransferOutcome.Taken)
        {
            return outcome;
        }
        // The top bit is in no product; without it a share of a would be known to be small.
        Span<byte> top = new byte[values.Length];
        RandomNumberGenerator.Fill(top);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] |= (ulong)(top[i] & 1) << geometry.Bits;
        }
        CryptographicOperations.ZeroMemory(top);
        Finish(geometry, values, squares);
        return outcome;
    }

    /// <summary>A share of x², of e = x − a opened and this party's shares of a and a².</summary>
    public static ulong Square(int width, ulong opened, ulong value, ulong square, bool isSender) => unchecked(
        ((2 * opened * value) + square + (isSender ? opened * opened : 0)) & (ulong.MaxValue >> (64 - width)));

    static void Finish(ProductGeometry geometry, Span<ulong> values, Span<ulong> squares)
    {
        ulong mask = ulong.MaxValue >> (63 - geometry.Bits);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] &= mask;
            squares[i] = unchecked((values[i] * values[i]) + (2 * squares[i])) & mask;
        }
    }
}
