namespace Funion.Inference;

/// <summary>A tensor: row-major, little-endian.</summary>
public sealed record Tensor
{
    /// <summary>Most dimensions.</summary>
    public const int MaxRank = 8;

    /// <summary>Longest name in bytes of UTF-8.</summary>
    public const int MaxName = 64;

    Tensor(string name, Datatype datatype, long[] shape, ReadOnlyMemory<byte> data)
    {
        Name = name;
        Datatype = datatype;
        Shape = shape;
        Data = data;
    }

    /// <summary>Which input or output of the model.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public Datatype Datatype { get; }

    /// <summary>Dimensions.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Exactly as many bytes as shape and type say.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Makes a tensor; null when name, shape and data do not go together.</summary>
    public static Tensor? TryCreate(string name, Datatype datatype, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data)
    {
        if (string.IsNullOrEmpty(name) || System.Text.Encoding.UTF8.GetByteCount(name) > MaxName || shape.Length > MaxRank || !Enum.IsDefined(datatype))
        {
            return null;
        }
        UInt128 bytes = (UInt128)datatype.Size();
        foreach (long dimension in shape)
        {
            if (dimension < 0 || dimension > int.MaxValue)
            {
                return null;
            }
            bytes *= (UInt128)dimension;
            // Past what memory holds it can never equal the data's length again; stop before it overflows.
            if (bytes > int.MaxValue)
            {
                return null;
            }
        }
        return bytes == (UInt128)data.Length ? new Tensor(name, datatype, shape.ToArray(), data) : null;
    }

    /// <summary>A tensor of 32-bit floats. Throws when the shape does not fit.</summary>
    public static Tensor Of(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values) =>
        TryCreate(name, Datatype.FP32, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray())
        ?? throw new ArgumentException("The shape does not fit the values.", nameof(shape));

    /// <summary>The values of a tensor of 32-bit floats.</summary>
    public float[] ToFloats() => Datatype == Datatype.FP32
        ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Data.Span).ToArray()
        : throw new InvalidOperationException("This tensor does not hold 32-bit floats.");
}
