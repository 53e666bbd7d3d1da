using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Multiplication triples mod 2ˡ: shares of random a, b and of a·b, by two products each. In the batch of products, number 2i is a₁·b₂ and 2i + 1 is b₁·a₂.
/// <code>
/// x·y : open d = x − a, e = y − b, then x·y = d·e + d·b + e·a + a·b; the sender adds d·e
/// </code>
/// References: Beaver (CRYPTO 1991).
/// </summary>
static class Triples
{
    /// <summary>The products that triples of <paramref name="width"/> bits take.</summary>
    public static ProductGeometry Geometry(int width, int triples) => new(width, 2 * triples) { Kind = ProductKind.Triple };

    /// <summary>The sender's shares, and its message.</summary>
    public static void Send(
        ProductGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<Label> zero, Span<byte> message,
        Span<ulong> left, Span<ulong> right, Span<ulong> products)
    {
        Check(geometry, left, right, products);
        ulong[] factors = new ulong[geometry.Products], shares = new ulong[geometry.Products];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(factors.AsSpan()));
        ProductTransfer.Send(geometry, session, number, delta, zero, factors, message, shares);
        for (int i = 0; i < left.Length; i++)
        {
            left[i] = factors[2 * i] & geometry.Mask;
            right[i] = factors[(2 * i) + 1] & geometry.Mask;
        }
        Finish(geometry, left, right, shares, products);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(factors.AsSpan()));
    }

    /// <summary>The receiver's shares.</summary>
    public static TransferOutcome Receive(
        ProductGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> choices, ReadOnlySpan<Label> chosen, ReadOnlySpan<byte> message,
        Span<ulong> left, Span<ulong> right, Span<ulong> products)
    {
        Check(geometry, left, right, products);
        ulong[] factors = new ulong[geometry.Products], shares = new ulong[geometry.Products];
        TransferOutcome outcome = ProductTransfer.Receive(geometry, session, number, choices, chosen, message, factors, shares);
        for (int i = 0; i < left.Length; i++)
        {
            right[i] = factors[2 * i];
            left[i] = factors[(2 * i) + 1];
        }
        Finish(geometry, left, right, shares, products);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(factors.AsSpan()));
        return outcome;
    }

    static void Check(ProductGeometry geometry, ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> products)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNotEqual(2 * left.Length, geometry.Products);
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(products.Length, left.Length);
    }

    static void Finish(ProductGeometry geometry, ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> shares, Span<ulong> products)
    {
        for (int i = 0; i < left.Length; i++)
        {
            products[i] = unchecked((left[i] * right[i]) + shares[2 * i] + shares[(2 * i) + 1]) & geometry.Mask;
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares));
    }
}
