using System.Diagnostics.CodeAnalysis;

namespace Funion.Network;

/// <summary>Names a node: BLAKE2b-256 of its Ed25519 identity key.</summary>
public readonly record struct NodeId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    readonly Bytes32 _value;

    /// <summary>Copies exactly 32 bytes.</summary>
    public NodeId(ReadOnlySpan<byte> bytes) => _value = new Bytes32(bytes);

    /// <summary>The bytes, in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _value.AsSpan();

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
