using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// How one linear layer lies in polynomials, and the size of its two messages. Both parties derive it from the public shape alone.
/// <list type="bullet">
/// <item>References: Cheetah, sections 3.1 and 3.2. A block of M' filters, C' channels and H'×W' pixels has M'C'H'W' ≤ N.
/// With O = H'W'(M'C'−1) + W'(h−1) + w−1: input t[cH'W' + iW' + j] = T[c,i,j]; weights k[O − c'C'H'W' − cH'W' − lW' − l'] = K[c',c,l,l'];
/// output T'[c',i,j] = (t·k)[O − c'C'H'W' + i·s·W' + j·s].</item>
/// <item>Tiles are counted in outputs, so that any stride goes; neighbours overlap by what the window needs. Padding is zeros that are never sent for what they are.</item>
/// <item>A fully connected layer is a convolution of pixels 1×1.</item>
/// </list>
/// </summary>
public sealed class LinearLayout
{
    /// <summary>Lays a layer out for the fewest bytes in both directions.</summary>
    /// <param name="parameters">The encryption's.</param>
    /// <param name="shape">The layer.</param>
    /// <param name="weightBound">Greatest magnitude of a weight: public, for the noise.</param>
    public LinearLayout(LatticeParameters parameters, ConvolutionShape shape, int weightBound = 127)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfLessThan(weightBound, 1);
        Parameters = parameters;
        Shape = shape;
        WeightBound = weightBound;
        double filterNorm = (double)shape.FanIn * weightBound * weightBound;
        int mostFilters = MostFilters(parameters, filterNorm);
        if (mostFilters == 0)
        {
            throw new ArgumentException(
                $"A sum of {shape.FanIn} products with weights up to {weightBound} has too much noise for messages of {parameters.Plain.Bits} bits.", nameof(shape));
        }
        (TileHeight, TileWidth, ChannelBlock, FilterBlock) = LinearPartition.Choose(parameters, shape, mostFilters);
        NoiseBound = parameters.NoiseBound(FilterBlock * filterNorm);
        BlockHeight = ((TileHeight - 1) * shape.Window.StrideY) + shape.Window.Height;
        BlockWidth = ((TileWidth - 1) * shape.Window.StrideX) + shape.Window.Width;
    }

    /// <summary>The encryption's parameters.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>The layer.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>Greatest magnitude of a weight.</summary>
    public int WeightBound { get; }

    /// <summary>What the noise of an output stays below, but for probability 2^−64.</summary>
    public double NoiseBound { get; }

    /// <summary>Output rows in a tile.</summary>
    public int TileHeight { get; }

    /// <summary>Output columns in a tile.</summary>
    public int TileWidth { get; }

    /// <summary>C'.</summary>
    public int ChannelBlock { get; }

    /// <summary>M'.</summary>
    public int FilterBlock { get; }

    /// <summary>Ciphertexts that the client sends.</summary>
    public int Ciphertexts => Tiles * ChannelBlocks;

    /// <summary>Ciphertexts that the server answers with.</summary>
    public int Answers => Tiles * FilterBlocks;

    /// <summary>Bytes of the client's message.</summary>
    public int RequestSize => LatticeParameters.SeedSize + (Ciphertexts * Parameters.CiphertextSize);

    /// <summary>Bytes of the server's message.</summary>
    public int AnswerSize
    {
        get
        {
            int size = 0;
            for (int tile = 0; tile < Tiles; tile++)
            {
                for (int block = 0; block < FilterBlocks; block++)
                {
                    size += AnswerPartSize(tile, block);
                }
            }
            return size;
        }
    }

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

    /// <summary>Bytes of one answer: its half `a`, then its outputs.</summary>
    internal int AnswerPartSize(int tile, int filterBlock) =>
        Parameters.AnswerMaskSize + BitPacking.ByteSize(OutputsIn(tile, filterBlock), Parameters.AnswerBits);

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

    /// <summary>Visits the outputs of one answer in their order on the wire: coefficient in the polynomial, index in the tensor.</summary>
    internal OutputWalk Outputs(int tile, int filterBlock) => new(this, tile, filterBlock);

    /// <summary>Filters in one block whose noise together stays within the budget; 0 when a single one has too much.</summary>
    static int MostFilters(LatticeParameters parameters, double filterNorm)
    {
        int most = parameters.Degree;
        while (most > 0 && parameters.NoiseBound(most * filterNorm) > parameters.NoiseBudget)
        {
            most--;
        }
        return most;
    }

    internal static int Parts(int whole, int part) => (whole + part - 1) / part;
}
