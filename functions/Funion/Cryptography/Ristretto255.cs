using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// The ristretto255 group: prime order, one encoding for each element, so that nothing of cofactors or twists is left to check but that a point decodes.
/// <list type="bullet">
/// <item>References: RFC 9496.</item>
/// <item>Parameters: scalars and points 32 bytes, hashes to the group 64.</item>
/// </list>
/// </summary>
static class Ristretto255
{
    /// <summary>Length of a scalar or a point in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length in bytes of the uniform string that becomes a point.</summary>
    public const int HashSize = 64;

    /// <summary>Whether these 32 bytes are the encoding of a point.</summary>
    public static unsafe bool IsValid(ReadOnlySpan<byte> point)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(point.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* p = point)
        {
            return IsBelow255(point) && Libsodium.crypto_core_ristretto255_is_valid_point(p) == 1;
        }
    }

    /// <summary>A uniform scalar, never zero.</summary>
    public static unsafe void RandomScalar(Span<byte> scalar)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scalar.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* s = scalar)
        {
            Libsodium.crypto_core_ristretto255_scalar_random(s);
        }
    }

    /// <summary>The point of a uniform string: RFC 9496, section 4.3.4. Nobody knows its discrete logarithm.</summary>
    public static unsafe void FromHash(ReadOnlySpan<byte> hash, Span<byte> point)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(point.Length, Size);
        Libsodium.EnsureInitialized();
        fixed (byte* p = point, h = hash)
        {
            Libsodium.crypto_core_ristretto255_from_hash(p, h);
        }
    }

    /// <summary>left + right; false when one of them is no point.</summary>
    public static unsafe bool Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> sum)
    {
        Check(left, right, sum);
        fixed (byte* s = sum, l = left, r = right)
        {
            return IsBelow255(left) && IsBelow255(right) && Libsodium.crypto_core_ristretto255_add(s, l, r) == 0;
        }
    }

    /// <summary>left − right; false when one of them is no point.</summary>
    public static unsafe bool Subtract(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> difference)
    {
        Check(left, right, difference);
        fixed (byte* d = difference, l = left, r = right)
        {
            return IsBelow255(left) && IsBelow255(right) && Libsodium.crypto_core_ristretto255_sub(d, l, r) == 0;
        }
    }

    /// <summary>scalar·point; false, and zeros, when the point is none or the product is the identity.</summary>
    public static unsafe bool Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> product)
    {
        Check(scalar, point, product);
        fixed (byte* q = product, n = scalar, p = point)
        {
            if (IsBelow255(point) && Libsodium.crypto_scalarmult_ristretto255(q, n, p) == 0)
            {
                return true;
            }
        }
        product.Clear();
        return false;
    }

    /// <summary>scalar·B.</summary>
    public static unsafe void MultiplyBase(ReadOnlySpan<byte> scalar, Span<byte> product)
    {
        Check(scalar, scalar, product);
        fixed (byte* q = product, n = scalar)
        {
            Libsodium.crypto_scalarmult_ristretto255_base(q, n);
        }
    }

    /// <summary>libsodium 1.0.18 ignores bit 255 where RFC 9496, section 4.3.1, refuses it: a second encoding of every point. Points are public.</summary>
    static bool IsBelow255(ReadOnlySpan<byte> point) => point[Size - 1] < 0x80;

    static void Check(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> result)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(result.Length, Size);
        Libsodium.EnsureInitialized();
    }
}
