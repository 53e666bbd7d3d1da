using System.Diagnostics.CodeAnalysis;

namespace Funion.Bacap;

/// <summary>Names a box: the encoding of the Ed25519 point under which its signature verifies (BACAP section 4).</summary>
public readonly record struct BoxId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    readonly Bytes32 _value;

    /// <summary>Copies exactly 32 bytes.</summary>
    public BoxId(ReadOnlySpan<byte> bytes) => _value = new Bytes32(bytes);

    /// <summary>The bytes, in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _value.AsSpan();

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
