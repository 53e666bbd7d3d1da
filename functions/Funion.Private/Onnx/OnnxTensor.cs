using System.Buffers.Binary;
using System.Text;

namespace Funion.Private.Onnx;

/// <summary>A constant of a model: floats, or whole numbers (shapes, axes).</summary>
/// <param name="Name">Its name; empty for the tensor of an attribute.</param>
/// <param name="Dimensions">Shape; empty for a scalar.</param>
/// <param name="Floats">Values of FLOAT and DOUBLE.</param>
/// <param name="Integers">Values of INT32 and INT64.</param>
/// <param name="Other">Another type, or data in another file: there, but of no use.</param>
sealed record OnnxTensor(string Name, long[] Dimensions, float[] Floats, long[] Integers, bool Other)
{
    const int MaxRank = 8;

    /// <summary>Numbers of a constant that are written one by one: shapes and axes are. A byte of the file is eight in memory.</summary>
    const int MaxIntegers = 1_024;

    /// <summary>Reads onnx.proto's TensorProto; null when it is none.</summary>
    public static OnnxTensor? TryRead(ReadOnlySpan<byte> bytes)
    {
        ProtoReader reader = new(bytes);
        List<long> dimensions = [], integers = [];
        List<float> floats = [];
        ReadOnlySpan<byte> raw = [];
        string name = "";
        long type = 0;
        bool isRaw = false, elsewhere = false, many = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.AddNumbers(dimensions, MaxRank);
                    break;
                case 2:
                    type = reader.Signed;
                    break;
                case 4 when !AddFloats(reader, floats):
                    return null;
                case 5 or 7:
                    // On a copy: too many of them are of no use, but no fault of the file.
                    ProtoReader numbers = reader;
                    if (!many)
                    {
                        numbers.AddNumbers(integers, MaxIntegers);
                        many = numbers.Failed;
                    }
                    break;
                case 8:
                    name = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 9:
                    raw = reader.Bytes;
                    isRaw = reader.HasLength;
                    break;
                case 13 or 14:
                    elsewhere |= reader.HasLength || reader.Number != 0;
                    break;
            }
        }
        if (reader.Failed || Count(dimensions) is not { } count)
        {
            return null;
        }
        if (elsewhere || many || type is not (1 or 6 or 7 or 11) || (type == 11 && !isRaw))
        {
            return new OnnxTensor(name, [.. dimensions], [], [], Other: true);
        }
        if (isRaw)
        {
            return raw.Length == count * (type is 7 or 11 ? 8 : 4) ? OfRaw(name, [.. dimensions], type, raw) : null;
        }
        return (type == 1 ? floats.Count : integers.Count) == count
            ? new OnnxTensor(name, [.. dimensions], type == 1 ? [.. floats] : [], type == 1 ? [] : [.. integers], Other: false)
            : null;
    }

    static OnnxTensor OfRaw(string name, long[] dimensions, long type, ReadOnlySpan<byte> raw)
    {
        float[] floats = new float[type is 1 ? raw.Length / 4 : type is 11 ? raw.Length / 8 : 0];
        long[] integers = new long[type is 6 ? raw.Length / 4 : type is 7 ? raw.Length / 8 : 0];
        for (int i = 0; i < floats.Length; i++)
        {
            floats[i] = type == 1 ? BinaryPrimitives.ReadSingleLittleEndian(raw[(4 * i)..]) : (float)BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]);
        }
        for (int i = 0; i < integers.Length; i++)
        {
            integers[i] = type == 6 ? BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]) : BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]);
        }
        return new OnnxTensor(name, dimensions, floats, integers, Other: false);
    }

    static bool AddFloats(ProtoReader reader, List<float> floats)
    {
        if (!reader.HasLength)
        {
            floats.Add(reader.Single);
            return true;
        }
        if (reader.Bytes.Length % 4 != 0)
        {
            return false;
        }
        for (int i = 0; i < reader.Bytes.Length; i += 4)
        {
            floats.Add(BinaryPrimitives.ReadSingleLittleEndian(reader.Bytes[i..]));
        }
        return true;
    }

    /// <summary>Elements; null for what no file can hold.</summary>
    static long? Count(List<long> dimensions)
    {
        long count = 1;
        foreach (long dimension in dimensions)
        {
            if (dimension is < 0 or > int.MaxValue)
            {
                return null;
            }
            count *= dimension;
            if (count > int.MaxValue)
            {
                return null;
            }
        }
        return count;
    }
}
