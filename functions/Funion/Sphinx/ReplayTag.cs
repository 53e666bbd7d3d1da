using System.Diagnostics.CodeAnalysis;

namespace Funion.Sphinx;

/// <summary>What a hop remembers of a packet, so that it processes it once: derived from the shared secret.</summary>
public readonly record struct ReplayTag
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Bytes32.Size;

    readonly Bytes32 _value;

    /// <summary>Copies exactly 32 bytes.</summary>
    public ReplayTag(ReadOnlySpan<byte> bytes) => _value = new Bytes32(bytes);

    /// <summary>The bytes, in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _value.AsSpan();

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
