using System.Diagnostics.CodeAnalysis;

namespace Funion.Pigeonhole;

/// <summary>Names a courier envelope: BLAKE2b-256(sender's ephemeral key ‖ ciphertext).</summary>
public readonly record struct EnvelopeHash
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    readonly Bytes32 _value;

    /// <summary>Copies exactly 32 bytes.</summary>
    public EnvelopeHash(ReadOnlySpan<byte> bytes) => _value = new Bytes32(bytes);

    /// <summary>The bytes, in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _value.AsSpan();

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
