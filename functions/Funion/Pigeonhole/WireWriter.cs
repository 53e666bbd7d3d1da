using System.Buffers.Binary;

namespace Funion.Pigeonhole;

/// <summary>Lays fields out one after the other, integers big-endian, into a buffer whose rest stays zero.</summary>
ref struct WireWriter(Span<byte> destination)
{
    Span<byte> _rest = destination;

    public void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_rest, checked((ushort)value));
        _rest = _rest[2..];
    }

    public void UInt32(int value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_rest, checked((uint)value));
        _rest = _rest[4..];
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_rest, value);
        _rest = _rest[8..];
    }

    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }

    /// <summary>A length of 32 bits, then the bytes.</summary>
    public void Prefixed(scoped ReadOnlySpan<byte> value)
    {
        UInt32(value.Length);
        Bytes(value);
    }
}
