using System.Security.Cryptography;
using System.Runtime.InteropServices;

namespace Funion.Private.Ring;

/// <summary>
/// A tensor over Z_2^l, or one party's additive share of one. Elements are kept reduced. Operations take the same time whatever the values: there is
/// no branch and no index that depends on one. Shares of secrets are wiped with <see cref="Dispose"/>.
/// </summary>
public sealed class RingTensor : IDisposable
{
    readonly ulong[] _elements;

    RingTensor(Modulus modulus, TensorShape shape, ulong[] elements)
    {
        Modulus = modulus;
        Shape = shape;
        _elements = elements;
    }

    /// <summary>Zeros.</summary>
    public RingTensor(Modulus modulus, TensorShape shape) : this(modulus, shape, Allocate(modulus, shape))
    {
    }

    /// <summary>The ring.</summary>
    public Modulus Modulus { get; }

    /// <summary>The shape.</summary>
    public TensorShape Shape { get; }

    /// <summary>The elements, each below 2^l. Whoever writes here keeps them so.</summary>
    public Span<ulong> Elements => _elements;

    /// <summary>A tensor of signed numbers.</summary>
    public static RingTensor Of(Modulus modulus, TensorShape shape, ReadOnlySpan<long> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, shape.Count);
        RingTensor tensor = new(modulus, shape);
        for (int i = 0; i < values.Length; i++)
        {
            tensor._elements[i] = modulus.Element(values[i]);
        }
        return tensor;
    }

    /// <summary>Uniform elements from the system's generator: a mask.</summary>
    public static RingTensor Uniform(Modulus modulus, TensorShape shape)
    {
        RingTensor tensor = new(modulus, shape);
        SystemRandom.Fill(tensor._elements);
        RingKernels.Reduce(tensor._elements, modulus.Mask);
        return tensor;
    }

    /// <summary>Splits into two shares whose sum it is; each alone is uniform.</summary>
    public (RingTensor First, RingTensor Second) Split()
    {
        RingTensor first = Uniform(Modulus, Shape);
        return (first, Minus(first));
    }

    /// <summary>The sum. Of two shares: the value.</summary>
    public RingTensor Plus(RingTensor other)
    {
        RingTensor sum = Copy(other);
        RingKernels.Add(sum._elements, other._elements, Modulus.Mask);
        return sum;
    }

    /// <summary>The difference.</summary>
    public RingTensor Minus(RingTensor other)
    {
        RingTensor difference = Copy(other);
        RingKernels.Subtract(difference._elements, other._elements, Modulus.Mask);
        return difference;
    }

    /// <summary>Times 2^<paramref name="bits"/>.</summary>
    public RingTensor ShiftedLeft(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bits, Modulus.Bits);
        RingTensor shifted = new(Modulus, Shape);
        for (int i = 0; i < _elements.Length; i++)
        {
            shifted._elements[i] = (_elements[i] << bits) & Modulus.Mask;
        }
        return shifted;
    }

    /// <summary>The same elements under another shape of as many.</summary>
    public RingTensor Reshaped(TensorShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.Count, Shape.Count);
        return Copy(shape);
    }

    /// <summary>The signed values.</summary>
    public long[] ToSigned() => [.. _elements.Select(Modulus.Signed)];

    /// <summary>The elements in l bits each.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Modulus.ByteSize(_elements.Length)];
        BitPacking.Write(_elements, Modulus.Bits, bytes);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> writes; null when it is anything else.</summary>
    public static RingTensor? TryRead(Modulus modulus, TensorShape shape, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != modulus.ByteSize(shape.Count))
        {
            return null;
        }
        RingTensor tensor = new(modulus, shape);
        return BitPacking.TryRead(bytes, modulus.Bits, tensor._elements) ? tensor : null;
    }

    /// <summary>Wipes the elements.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_elements.AsSpan()));

    RingTensor Copy(RingTensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Modulus != Modulus || other.Shape != Shape)
        {
            throw new ArgumentException("Tensors of different rings or shapes do not add.", nameof(other));
        }
        return Copy(Shape);
    }

    RingTensor Copy(TensorShape shape)
    {
        RingTensor copy = new(Modulus, shape);
        _elements.CopyTo(copy._elements, 0);
        return copy;
    }

    static ulong[] Allocate(Modulus modulus, TensorShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfZero(modulus.Bits);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Width, 1);
        // Pinned, so that the collector leaves no copy of a secret behind.
        return GC.AllocateArray<ulong>(checked(shape.Channels * shape.Height * shape.Width), pinned: true);
    }
}
