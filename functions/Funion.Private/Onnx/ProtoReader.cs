using System.Buffers.Binary;

namespace Funion.Private.Onnx;

/// <summary>
/// The little of Protocol Buffers that reading a model takes: fields one after another, nothing kept, nothing allocated. Hostile bytes end it with
/// <see cref="Failed"/>; a caller asks once, at the end.
/// <list type="bullet">
/// <item>References: Protocol Buffers encoding, wire types 0, 1, 2 and 5; groups are refused.</item>
/// </list>
/// </summary>
ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether what was read is no message.</summary>
    public bool Failed { get; private set; }

    /// <summary>Number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field has a length: a message, a text, bytes, or packed numbers.</summary>
    public bool HasLength { get; private set; }

    /// <summary>The value of a field without a length, of whatever width.</summary>
    public ulong Number { get; private set; }

    /// <summary>The bytes of a field with a length.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value as a signed number.</summary>
    public readonly long Signed => unchecked((long)Number);

    /// <summary>The value of a 32-bit float.</summary>
    public readonly float Single => BitConverter.UInt32BitsToSingle(unchecked((uint)Number));

    /// <summary>Goes to the next field; false at the end and at the first fault.</summary>
    public bool Next()
    {
        if (Failed || _rest.IsEmpty)
        {
            return false;
        }
        if (!Varint(out ulong tag) || tag >> 3 is 0 or >= 1 << 29)
        {
            return Fail();
        }
        Field = (int)(tag >> 3);
        Bytes = [];
        Number = 0;
        HasLength = (tag & 7) == 2;
        switch (tag & 7)
        {
            case 0:
                return Varint(out ulong number) ? Take(number) : Fail();
            case 1 when _rest.Length >= 8:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[8..];
                return true;
            case 2 when Varint(out ulong length) && length <= (ulong)_rest.Length:
                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case 5 when _rest.Length >= 4:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[4..];
                return true;
            default:
                return Fail();
        }
    }

    /// <summary>Adds the signed numbers of this field, packed or single, to a list of at most <paramref name="limit"/>.</summary>
    public void AddNumbers(List<long> numbers, int limit)
    {
        if (!HasLength)
        {
            numbers.Add(Signed);
        }
        else
        {
            ProtoReader packed = new(Bytes);
            while (!packed._rest.IsEmpty)
            {
                if (numbers.Count >= limit || !packed.Varint(out ulong number))
                {
                    Failed = true;
                    return;
                }
                numbers.Add(unchecked((long)number));
            }
        }
        Failed |= numbers.Count > limit;
    }

    bool Take(ulong number)
    {
        Number = number;
        return true;
    }

    bool Fail()
    {
        Failed = true;
        return false;
    }

    /// <summary>At most ten bytes, and 64 bits.</summary>
    bool Varint(out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < _rest.Length; i++)
        {
            byte part = _rest[i];
            if (i == 9 && part > 1)
            {
                return false;
            }
            value |= (ulong)(part & 0x7f) << (7 * i);
            if (part < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
