using System.Buffers.Binary;

namespace Funion.Pigeonhole;

/// <summary>Reads fields of hostile bytes. Past the end every field is empty or zero and <see cref="Failed"/> stays set.</summary>
ref struct WireReader(ReadOnlyMemory<byte> source)
{
    ReadOnlyMemory<byte> _rest = source;

    public bool Failed { get; private set; }

    public readonly int Remaining => _rest.Length;

    /// <summary>Whether all fields were there and nothing but zeros follows.</summary>
    public readonly bool EndsInZeros => !Failed && !_rest.Span.ContainsAnyExcept((byte)0);

    public byte Byte() => Take(1) is { Length: 1 } value ? value.Span[0] : (byte)0;

    public int UInt16() => Take(2) is { Length: 2 } value ? BinaryPrimitives.ReadUInt16BigEndian(value.Span) : 0;

    public long Int64() => Take(8) is { Length: 8 } value ? BinaryPrimitives.ReadInt64BigEndian(value.Span) : 0;

    public ReadOnlyMemory<byte> Bytes(int length) => Take(length);

    /// <summary>A length of 32 bits, at most what is left, then the bytes.</summary>
    public ReadOnlyMemory<byte> Prefixed()
    {
        ReadOnlyMemory<byte> length = Take(4);
        uint value = length.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(length.Span);
        if (value > (uint)_rest.Length)
        {
            Failed = true;
            return default;
        }
        return Take((int)value);
    }

    ReadOnlyMemory<byte> Take(int length)
    {
        if (Failed || length > _rest.Length)
        {
            Failed = true;
            return default;
        }
        ReadOnlyMemory<byte> value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }
}
