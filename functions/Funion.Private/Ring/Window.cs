namespace Funion.Private.Ring;

/// <summary>The window of a convolution or a pooling: its size, its stride, and how many rows and columns of padding it may reach into.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="StrideY">Rows from one to the next.</param>
/// <param name="StrideX">Columns from one to the next.</param>
/// <param name="Top">Padding above.</param>
/// <param name="Left">Padding to the left.</param>
/// <param name="Bottom">Padding below.</param>
/// <param name="Right">Padding to the right.</param>
public readonly record struct Window(int Height, int Width, int StrideY = 1, int StrideX = 1, int Top = 0, int Left = 0, int Bottom = 0, int Right = 0)
{
    /// <summary>The window of one element: that of a fully connected layer.</summary>
    public static Window Point { get; } = new(1, 1);

    /// <summary>Positions in one window.</summary>
    public int Area => Height * Width;

    /// <summary>A square one.</summary>
    public static Window Square(int size, int stride = 1, int padding = 0) => new(size, size, stride, stride, padding, padding, padding, padding);

    /// <summary>Whether it fits into an input at least once, and nothing is out of all proportion.</summary>
    public bool Fits(TensorShape input) =>
        Sound(Height) && Sound(Width) && Sound(StrideY) && Sound(StrideX) && Top is >= 0 and < Limit && Left is >= 0 and < Limit && Bottom is >= 0 and < Limit
        && Right is >= 0 and < Limit && Height <= input.Height + Top + Bottom && Width <= input.Width + Left + Right;

    /// <summary>Rows and columns of the output.</summary>
    public TensorShape Over(TensorShape input, int channels) => new(
        channels, ((input.Height + Top + Bottom - Height) / StrideY) + 1, ((input.Width + Left + Right - Width) / StrideX) + 1);

    const int Limit = 1 << 12;

    static bool Sound(int size) => size is > 0 and < Limit;
}
