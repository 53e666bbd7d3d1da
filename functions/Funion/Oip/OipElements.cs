using System.Buffers.Binary;
using System.Text.Json;
using Funion.Inference;

namespace Funion.Oip;

/// <summary>Elements of tensors between little-endian bytes and JSON. FP16 has no JSON form in the protocol.</summary>
static class OipElements
{
    /// <summary>Whether binary data are elements at all: a BOOL is 0 or 1.</summary>
    public static bool AreValid(Datatype datatype, ReadOnlySpan<byte> data) =>
        datatype != Datatype.Bool || data.IndexOfAnyExceptInRange((byte)0, (byte)1) < 0;

    /// <summary>Reads "data", flat or nested exactly as the shape; false when a value does not fit its type or the shape.</summary>
    /// <param name="data">The JSON.</param>
    /// <param name="datatype">Not FP16.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="destination">As many bytes as shape and type say.</param>
    public static bool TryRead(JsonElement data, Datatype datatype, ReadOnlySpan<long> shape, Span<byte> destination)
    {
        if (data.ValueKind != JsonValueKind.Array)
        {
            return false;
        }
        bool nested = shape.Length > 1 && data.GetArrayLength() > 0 && data[0].ValueKind == JsonValueKind.Array;
        int count = destination.Length / datatype.Size();
        Span<byte> rest = destination;
        return (nested ? TryNested(data, datatype, shape, ref rest) : TryRow(data, datatype, count, ref rest)) && rest.IsEmpty;
    }

    /// <summary>Writes all elements as one flat array; false when JSON has no number for one of them.</summary>
    public static bool TryWrite(Utf8JsonWriter json, Datatype datatype, ReadOnlySpan<byte> data)
    {
        if (datatype == Datatype.FP16)
        {
            return false;
        }
        json.WriteStartArray();
        for (int size = datatype.Size(); !data.IsEmpty; data = data[size..])
        {
            if (!TryWriteOne(json, datatype, data))
            {
                return false;
            }
        }
        json.WriteEndArray();
        return true;
    }

    static bool TryNested(JsonElement data, Datatype datatype, ReadOnlySpan<long> shape, ref Span<byte> rest)
    {
        if (data.ValueKind != JsonValueKind.Array || data.GetArrayLength() != shape[0])
        {
            return false;
        }
        if (shape.Length == 1)
        {
            return TryRow(data, datatype, data.GetArrayLength(), ref rest);
        }
        foreach (JsonElement inner in data.EnumerateArray())
        {
            if (!TryNested(inner, datatype, shape[1..], ref rest))
            {
                return false;
            }
        }
        return true;
    }

    static bool TryRow(JsonElement data, Datatype datatype, int count, ref Span<byte> rest)
    {
        int size = datatype.Size();
        if (data.GetArrayLength() != count || (long)count * size > rest.Length)
        {
            return false;
        }
        foreach (JsonElement value in data.EnumerateArray())
        {
            if (!TryReadOne(value, datatype, rest))
            {
                return false;
            }
            rest = rest[size..];
        }
        return true;
    }

    static bool TryReadOne(JsonElement value, Datatype datatype, Span<byte> to)
    {
        if (datatype == Datatype.Bool)
        {
            to[0] = value.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }
        if (value.ValueKind != JsonValueKind.Number)
        {
            return false;
        }
        switch (datatype)
        {
            case Datatype.UInt8:
                return value.TryGetByte(out to[0]);
            case Datatype.Int8 when value.TryGetSByte(out sbyte number):
                to[0] = unchecked((byte)number);
                return true;
            case Datatype.UInt16 when value.TryGetUInt16(out ushort number):
                BinaryPrimitives.WriteUInt16LittleEndian(to, number);
                return true;
            case Datatype.Int16 when value.TryGetInt16(out short number):
                BinaryPrimitives.WriteInt16LittleEndian(to, number);
                return true;
            case Datatype.UInt32 when value.TryGetUInt32(out uint number):
                BinaryPrimitives.WriteUInt32LittleEndian(to, number);
                return true;
            case Datatype.Int32 when value.TryGetInt32(out int number):
                BinaryPrimitives.WriteInt32LittleEndian(to, number);
                return true;
            case Datatype.UInt64 when value.TryGetUInt64(out ulong number):
                BinaryPrimitives.WriteUInt64LittleEndian(to, number);
                return true;
            case Datatype.Int64 when value.TryGetInt64(out long number):
                BinaryPrimitives.WriteInt64LittleEndian(to, number);
                return true;
            // Too large a number reads as infinity: that is not what was written.
            case Datatype.FP32 when value.TryGetSingle(out float number) && float.IsFinite(number):
                BinaryPrimitives.WriteSingleLittleEndian(to, number);
                return true;
            case Datatype.FP64 when value.TryGetDouble(out double number) && double.IsFinite(number):
                BinaryPrimitives.WriteDoubleLittleEndian(to, number);
                return true;
            default:
                return false;
        }
    }

    static bool TryWriteOne(Utf8JsonWriter json, Datatype datatype, ReadOnlySpan<byte> from)
    {
        switch (datatype)
        {
            case Datatype.Bool:
                json.WriteBooleanValue(from[0] != 0);
                return true;
            case Datatype.UInt8:
                json.WriteNumberValue((uint)from[0]);
                return true;
            case Datatype.Int8:
                json.WriteNumberValue((int)unchecked((sbyte)from[0]));
                return true;
            case Datatype.UInt16:
                json.WriteNumberValue((uint)BinaryPrimitives.ReadUInt16LittleEndian(from));
                return true;
            case Datatype.Int16:
                json.WriteNumberValue((int)BinaryPrimitives.ReadInt16LittleEndian(from));
                return true;
            case Datatype.UInt32:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(from));
                return true;
            case Datatype.Int32:
                json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(from));
                return true;
            case Datatype.UInt64:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(from));
                return true;
            case Datatype.Int64:
                json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(from));
                return true;
            case Datatype.FP32 when BinaryPrimitives.ReadSingleLittleEndian(from) is var number && float.IsFinite(number):
                json.WriteNumberValue(number);
                return true;
            case Datatype.FP64 when BinaryPrimitives.ReadDoubleLittleEndian(from) is var number && double.IsFinite(number):
                json.WriteNumberValue(number);
                return true;
            default:
                return false;
        }
    }
}
