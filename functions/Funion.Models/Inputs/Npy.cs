using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Funion.Inference;

namespace Funion.Models.Inputs;

/// <summary>NumPy arrays: versions 1 to 3, little-endian, C order, are read; of floats, written. References: NEP 1.</summary>
public static partial class Npy
{
    const int LongestHeader = 4096;

    static readonly Dictionary<string, Datatype> s_types = new()
    {
        ["<f4"] = Datatype.FP32, ["<f8"] = Datatype.FP64, ["<f2"] = Datatype.FP16, ["<i8"] = Datatype.Int64, ["<i4"] = Datatype.Int32,
        ["<i2"] = Datatype.Int16, ["|i1"] = Datatype.Int8, ["|u1"] = Datatype.UInt8, ["<u2"] = Datatype.UInt16, ["<u4"] = Datatype.UInt32,
        ["<u8"] = Datatype.UInt64, ["|b1"] = Datatype.Bool,
    };

    /// <summary>Writes an array of 32-bit floats, version 1.</summary>
    public static byte[] Write(ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
    {
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Concat(shape.ToArray().Select(size => $"{size.ToString(CultureInfo.InvariantCulture)},"))}), }}";
        // Magic, version, length, text and its newline fill a multiple of 64.
        text = text.PadRight((((text.Length + 11) | 63) + 1) - 11) + "\n";
        byte[] header = [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.ASCII.GetBytes(text)];
        return [.. header, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)];
    }

    /// <summary>Reads an array under a name; null, and why, for anything that is not one we read.</summary>
    public static Tensor? TryRead(string name, ReadOnlyMemory<byte> file, out string problem)
    {
        problem = "this is not a .npy file, or it is damaged";
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.Length < 12 || !bytes.StartsWith((ReadOnlySpan<byte>)[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]))
        {
            return null;
        }
        int fixedSize = bytes[6] == 1 ? 10 : 12;
        uint headerSize = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (bytes[6] is < 1 or > 3 || headerSize > LongestHeader || headerSize > bytes.Length - fixedSize)
        {
            return null;
        }
        Match header = Header().Match(Encoding.ASCII.GetString(bytes.Slice(fixedSize, (int)headerSize)));
        if (!header.Success)
        {
            return null;
        }
        if (!s_types.TryGetValue(header.Groups["type"].Value, out Datatype datatype) || header.Groups["order"].Value != "False")
        {
            problem = "only little-endian arrays in C order are read";
            return null;
        }
        long[] shape = [.. header.Groups["shape"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(dimension => long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : -1)];
        return Tensor.TryCreate(name, datatype, shape, file[(fixedSize + (int)headerSize)..]);
    }

    [GeneratedRegex(@"^\{\s*'descr':\s*'(?<type>[^']{2,4})',\s*'fortran_order':\s*(?<order>True|False),\s*'shape':\s*\((?<shape>[0-9, ]*)\),?\s*\}\s*$")]
    private static partial Regex Header();
}
