namespace Funion.Sphinx;

/// <summary>Names a single-use reply block to the one who made it. 16 random bytes; nobody else can link it to anything.</summary>
public readonly record struct SurbId(UInt128 Value)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    /// <summary>Reads exactly 16 bytes.</summary>
    public SurbId(ReadOnlySpan<byte> bytes) : this(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes)) { }

    /// <summary>Writes 16 bytes.</summary>
    public void CopyTo(Span<byte> destination) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination, Value);
}
