using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// How one linear layer lies in polynomials of N coefficients. Whoever knows the public shape derives it.
/// <list type="bullet">
/// <item>References: Cheetah, sections 3.1 and 3.2. A block of M' filters, C' channels and H'×W' pixels has M'C'H'W' ≤ N.
/// With O = H'W'(M'C'−1) + W'(h−1) + w−1: input t[cH'W' + iW' + j] = T[c,i,j]; weights k[O − c'C'H'W' − cH'W' − lW' − l'] = K[c',c,l,l'];
/// output T'[c',i,j] = (t·k)[O − c'C'H'W' + i·s·W' + j·s].</item>
/// <item>Tiles are counted in outputs, so that any stride goes; neighbours overlap by what the window needs. Padding is zeros that are never sent for what they are.</item>
/// <item>A fully connected layer is a convolution of pixels 1×1.</item>
/// </list>
/// </summary>
public abstract class BlockLayout
{
    /// <summary>Lays a layer out for the least cost.</summary>
    internal BlockLayout(ConvolutionShape shape, in BlockCosts costs)
    {
        Shape = shape;
        (TileHeight, TileWidth, ChannelBlock, FilterBlock) = LinearPartition.Choose(shape, costs);
        BlockHeight = ((TileHeight - 1) * shape.Window.StrideY) + shape.Window.Height;
        BlockWidth = ((TileWidth - 1) * shape.Window.StrideX) + shape.Window.Width;
    }

    /// <summary>The layer.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>Output rows in a tile.</summary>
    public int TileHeight { get; }

    /// <summary>Output columns in a tile.</summary>
    public int TileWidth { get; }

    /// <summary>C'.</summary>
    public int ChannelBlock { get; }

    /// <summary>M'.</summary>
    public int FilterBlock { get; }

    /// <summary>Ciphertexts of an input.</summary>
    public int Ciphertexts => Tiles * ChannelBlocks;

    /// <summary>Ciphertexts of an output.</summary>
    public int Answers => Tiles * FilterBlocks;

    internal int BlockHeight { get; }

    internal int BlockWidth { get; }

    internal int TilesAcross => Parts(Shape.Output.Width, TileWidth);

    internal int Tiles => Parts(Shape.Output.Height, TileHeight) * TilesAcross;

    internal int ChannelBlocks => Parts(Shape.Input.Channels, ChannelBlock);

    internal int FilterBlocks => Parts(Shape.Filters, FilterBlock);

    /// <summary>H'W'.</summary>
    internal int Plane => BlockHeight * BlockWidth;

    /// <summary>O.</summary>
    internal int Origin => (Plane * ((FilterBlock * ChannelBlock) - 1)) + (BlockWidth * (Shape.Window.Height - 1)) + Shape.Window.Width - 1;

    /// <summary>The lowest coefficient that is an output; above the last one of them there is only <see cref="End"/>.</summary>
    internal int Begin => Origin - ((FilterBlock - 1) * ChannelBlock * Plane);

    /// <summary>One past the highest coefficient that is an output.</summary>
    internal int End => Origin + ((TileHeight - 1) * Shape.Window.StrideY * BlockWidth) + ((TileWidth - 1) * Shape.Window.StrideX) + 1;

    /// <summary>Outputs in one answer; fewer in the last tile and the last block.</summary>
    internal int OutputsIn(int tile, int filterBlock)
    {
        (int y, int x) = TileOrigin(tile);
        int filters = Math.Min(FilterBlock, Shape.Filters - (filterBlock * FilterBlock));
        return filters * Math.Min(TileHeight, Shape.Output.Height - y) * Math.Min(TileWidth, Shape.Output.Width - x);
    }

    /// <summary>First output row and column of a tile.</summary>
    internal (int Y, int X) TileOrigin(int tile) => (tile / TilesAcross * TileHeight, tile % TilesAcross * TileWidth);

    /// <summary>The polynomial of one block of an input, each element times 2^<paramref name="shift"/>.</summary>
    internal void Encode(ReadOnlySpan<ulong> input, int tile, int channelBlock, int shift, Span<ulong> polynomial)
    {
        polynomial.Clear();
        TensorShape from = Shape.Input;
        (int tileY, int tileX) = TileOrigin(tile);
        int top = (tileY * Shape.Window.StrideY) - Shape.Window.Top, left = (tileX * Shape.Window.StrideX) - Shape.Window.Left, first = channelBlock * ChannelBlock;
        int firstX = Math.Max(0, -left), lastX = Math.Min(BlockWidth, from.Width - left);
        for (int c = first; c < Math.Min(first + ChannelBlock, from.Channels); c++)
        {
            for (int i = Math.Max(0, -top); i < Math.Min(BlockHeight, from.Height - top); i++)
            {
                int to = ((c - first) * Plane) + (i * BlockWidth), at = (((c * from.Height) + top + i) * from.Width) + left;
                for (int j = firstX; j < lastX; j++)
                {
                    polynomial[to + j] = input[at + j] << shift;
                }
            }
        }
    }

    /// <summary>Exponent of every weight of a block, [filter, channel, row, column].</summary>
    internal int[] WeightExponents()
    {
        Window window = Shape.Window;
        int[] exponents = new int[FilterBlock * ChannelBlock * window.Area];
        for (int i = 0; i < exponents.Length; i++)
        {
            int plane = i / window.Area, y = i / window.Width % window.Height, x = i % window.Width;
            exponents[i] = Origin - (plane * Plane) - (y * BlockWidth) - x;
        }
        return exponents;
    }

    /// <summary>Copies the outputs among the coefficients of one answer to their places in the output.</summary>
    internal void Gather(ReadOnlySpan<ulong> coefficients, int tile, int filterBlock, ulong mask, Span<ulong> output)
    {
        (int y, int x) = TileOrigin(tile);
        TensorShape to = Shape.Output;
        int first = filterBlock * FilterBlock, height = Math.Min(TileHeight, to.Height - y), width = Math.Min(TileWidth, to.Width - x);
        for (int filter = 0; filter < Math.Min(FilterBlock, Shape.Filters - first); filter++)
        {
            for (int row = 0; row < height; row++)
            {
                Span<ulong> target = output.Slice(((((first + filter) * to.Height) + y + row) * to.Width) + x, width);
                int at = Origin - (filter * ChannelBlock * Plane) + (row * Shape.Window.StrideY * BlockWidth);
                for (int column = 0; column < width; column++, at += Shape.Window.StrideX)
                {
                    target[column] = coefficients[at] & mask;
                }
            }
        }
    }

    /// <summary>Visits the outputs of one answer in their order on the wire: coefficient in the polynomial, index in the tensor.</summary>
    internal OutputWalk Outputs(int tile, int filterBlock) => new(this, tile, filterBlock);

    internal static int Parts(int whole, int part) => (whole + part - 1) / part;
}
