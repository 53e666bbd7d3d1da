using System.Buffers.Binary;

namespace Funion.Private.Enclaves;

/// <summary>Numbers from bytes, little-endian. Past the end everything is zero, and <see cref="IsAtEnd"/> stays false for good.</summary>
ref struct NumberReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;
    bool _over;

    /// <summary>Whether all bytes were read, and none beyond them.</summary>
    public readonly bool IsAtEnd => !_over && _rest.IsEmpty;

    /// <summary>Bytes that are left.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public int UInt16() => Take(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;

    public int Int32() => Take(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

    public long Int64() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public Bytes32 Bytes32() => Take(Funion.Bytes32.Size) is { IsEmpty: false } bytes ? new Bytes32(bytes) : default;

    /// <summary>So many bytes after their length of four; empty when there are not so many.</summary>
    public ReadOnlySpan<byte> Sized()
    {
        int length = Int32();
        if (length < 0)
        {
            _over = true;
            return [];
        }
        return Take(length);
    }

    /// <summary>So many bytes; none when there are fewer.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (_over || length > _rest.Length)
        {
            _over = true;
            return [];
        }
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);
}
