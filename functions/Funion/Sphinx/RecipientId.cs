using System.Diagnostics.CodeAnalysis;

namespace Funion.Sphinx;

/// <summary>Names an endpoint at the last hop: a service, or a mailbox at a gateway.</summary>
public readonly record struct RecipientId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    readonly Bytes32 _value;

    /// <summary>Copies exactly 32 bytes.</summary>
    public RecipientId(ReadOnlySpan<byte> bytes) => _value = new Bytes32(bytes);

    /// <summary>The bytes, in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _value.AsSpan();

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
