using System.Text;
using Funion.Pigeonhole;

namespace Funion.Inference;

/// <summary>
/// Tensors as bytes, one form for one list:
/// <code>
/// count u8 ‖ count × ( name length u8 ‖ name UTF-8 ‖ datatype u8 ‖ rank u8 ‖ rank × dimension i64 BE ‖ data length u32 BE ‖ data little-endian )
/// </code>
/// </summary>
public static class TensorCodec
{
    /// <summary>Most tensors.</summary>
    public const int MaxCount = 16;

    /// <summary>Encodes a list of 1 to 16 tensors.</summary>
    public static byte[] Encode(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfLessThan(tensors.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tensors.Count, MaxCount);
        byte[] bytes = new byte[Size(tensors)];
        WireWriter writer = new(bytes);
        writer.Byte((byte)tensors.Count);
        foreach (Tensor tensor in tensors)
        {
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            writer.Byte((byte)name.Length);
            writer.Bytes(name);
            writer.Byte((byte)tensor.Datatype);
            writer.Byte((byte)tensor.Shape.Count);
            foreach (long dimension in tensor.Shape)
            {
                writer.Int64(dimension);
            }
            writer.Prefixed(tensor.Data.Span);
        }
        return bytes;
    }

    /// <summary>Bytes of an encoded list.</summary>
    public static int Size(IReadOnlyList<Tensor> tensors) => 1 + tensors.Sum(tensor =>
        HeaderSize(tensor.Name, tensor.Shape.Count) + tensor.Data.Length);

    /// <summary>Decodes; null for anything that <see cref="Encode"/> did not write. Nothing is allocated by a length that is only claimed.</summary>
    public static IReadOnlyList<Tensor>? TryParse(ReadOnlyMemory<byte> bytes)
    {
        WireReader reader = new(bytes);
        int count = reader.Byte();
        if (count is < 1 or > MaxCount)
        {
            return null;
        }
        List<Tensor> tensors = [];
        for (int i = 0; i < count; i++)
        {
            if (TryRead(ref reader) is not { } tensor)
            {
                return null;
            }
            tensors.Add(tensor);
        }
        return reader.Remaining == 0 && tensors.Select(tensor => tensor.Name).Distinct().Count() == count ? tensors : null;
    }

    internal static int HeaderSize(string name, int rank) => 1 + Encoding.UTF8.GetByteCount(name) + 1 + 1 + (8 * rank) + 4;

    static Tensor? TryRead(ref WireReader reader)
    {
        ReadOnlyMemory<byte> name = reader.Bytes(reader.Byte());
        Datatype datatype = (Datatype)reader.Byte();
        int rank = reader.Byte();
        if (reader.Failed || rank > Tensor.MaxRank)
        {
            return null;
        }
        Span<long> shape = stackalloc long[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = reader.Int64();
        }
        ReadOnlyMemory<byte> data = reader.Prefixed();
        if (reader.Failed)
        {
            return null;
        }
        string text = Encoding.UTF8.GetString(name.Span);
        // Bytes that are not UTF-8 decode to something that encodes otherwise.
        return Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(name.Span) ? Tensor.TryCreate(text, datatype, shape, data) : null;
    }
}
