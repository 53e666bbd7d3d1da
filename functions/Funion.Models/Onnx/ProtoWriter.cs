using System.Text;

namespace Funion.Models.Onnx;

/// <summary>The little of Protocol Buffers that writing one model takes: varints, and fields with a length.</summary>
sealed class ProtoWriter
{
    readonly List<byte> _bytes = [];

    public void Number(int field, long value)
    {
        Varint((ulong)(field << 3));
        Varint((ulong)value);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Message(int field, ProtoWriter message) => Bytes(field, message.ToArray());

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint((ulong)((field << 3) | 2));
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
    }

    public byte[] ToArray() => [.. _bytes];

    void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)((value & 0x7f) | 0x80));
        }
        _bytes.Add((byte)value);
    }
}
