namespace Funion.Private.Ring;

/// <summary>Shape of one activation, without its batch dimension: channels, rows, columns, row-major. A vector of n is (n, 1, 1).</summary>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public readonly record struct TensorShape(int Channels, int Height, int Width)
{
    /// <summary>Elements.</summary>
    public int Count => Channels * Height * Width;

    /// <summary>The same elements in a row.</summary>
    public TensorShape Flat => new(Count, 1, 1);

    /// <inheritdoc/>
    public override string ToString() => Height == 1 && Width == 1 ? $"{Channels}" : $"{Channels}×{Height}×{Width}";
}
