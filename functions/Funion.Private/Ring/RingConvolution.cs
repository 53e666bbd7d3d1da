using System.Buffers;

namespace Funion.Private.Ring;

/// <summary>
/// A convolution over Z_2^l in the clear: the plaintext reference, and what the server does online with x − r. Strides are taken apart into phases
/// (every s-th row and column is a plane of its own), after which every tap reads a contiguous run.
/// </summary>
public sealed class RingConvolution
{
    readonly ulong[] _weights;
    readonly int[] _offsets;
    readonly int _rows, _pitch;

    /// <summary>Prepares a layer.</summary>
    /// <param name="shape">The layer.</param>
    /// <param name="weights">[filter, channel, row, column].</param>
    public RingConvolution(ConvolutionShape shape, ReadOnlySpan<int> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, shape.WeightCount);
        Shape = shape;
        Window window = shape.Window;
        // Rows and columns of one phase plane: as many as the outputs reach.
        _rows = shape.Output.Height + ((window.Height - 1) / window.StrideY);
        _pitch = shape.Output.Width + ((window.Width - 1) / window.StrideX);
        if ((Int128)Planes * _rows * _pitch > Array.MaxLength || shape.Filters * ((((Int128)shape.Output.Height - 1) * _pitch) + shape.Output.Width) > Array.MaxLength)
        {
            throw new ArgumentException($"A window of {window.Height}×{window.Width} over {shape.Input} is too large.", nameof(shape));
        }
        _weights = new ulong[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            _weights[i] = unchecked((ulong)(long)weights[i]);
        }
        _offsets = new int[shape.FanIn];
        for (int i = 0; i < _offsets.Length; i++)
        {
            int c = i / window.Area, y = i / window.Width % window.Height, x = i % window.Width;
            _offsets[i] = (Plane(c, y % window.StrideY, x % window.StrideX) * _rows * _pitch) + (y / window.StrideY * _pitch) + (x / window.StrideX);
        }
    }

    /// <summary>The layer.</summary>
    public ConvolutionShape Shape { get; }

    int Planes => Shape.Input.Channels * Math.Min(Shape.Window.StrideY, Shape.Window.Height) * Math.Min(Shape.Window.StrideX, Shape.Window.Width);

    /// <summary>W · input, without a bias.</summary>
    public RingTensor Apply(RingTensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape.Count, Shape.Input.Count);
        RingTensor output = new(input.Modulus, Shape.Output);
        if (Shape.Output.Height == 1 && Shape.Output.Width == 1 && Shape.Window.Area == 1 && Shape.Input.Height == 1 && Shape.Input.Width == 1)
        {
            Multiply(input.Elements, output.Elements);
        }
        else
        {
            Convolve(input.Elements, output.Elements);
        }
        RingKernels.Reduce(output.Elements, input.Modulus.Mask);
        return output;
    }

    void Multiply(ReadOnlySpan<ulong> input, Span<ulong> output)
    {
        for (int m = 0; m < output.Length; m++)
        {
            output[m] = RingKernels.Dot(_weights.AsSpan(m * input.Length, input.Length), input);
        }
    }

    void Convolve(ReadOnlySpan<ulong> input, Span<ulong> output)
    {
        TensorShape shape = Shape.Output;
        int run = ((shape.Height - 1) * _pitch) + shape.Width;
        ulong[] source = ArrayPool<ulong>.Shared.Rent(Planes * _rows * _pitch), sums = ArrayPool<ulong>.Shared.Rent(Shape.Filters * run);
        Spread(input, source.AsSpan(0, Planes * _rows * _pitch));
        sums.AsSpan(0, Shape.Filters * run).Clear();
        WindowSums.Accumulate(source.AsSpan(0, Planes * _rows * _pitch), _offsets, _weights, sums.AsSpan(0, Shape.Filters * run), run, 0, run);
        for (int i = 0; i < shape.Channels * shape.Height; i++)
        {
            sums.AsSpan((i / shape.Height * run) + (i % shape.Height * _pitch), shape.Width).CopyTo(output.Slice(i * shape.Width, shape.Width));
        }
        // A share, or an input in the clear: neither is left in the pool.
        ArrayPool<ulong>.Shared.Return(source, clearArray: true);
        ArrayPool<ulong>.Shared.Return(sums, clearArray: true);
    }

    /// <summary>Puts every element of the padded input into the plane of its phase; what no output reaches is left out.</summary>
    void Spread(ReadOnlySpan<ulong> input, Span<ulong> source)
    {
        source.Clear();
        TensorShape shape = Shape.Input;
        Window window = Shape.Window;
        for (int c = 0; c < shape.Channels; c++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                int phaseY = (y + window.Top) % window.StrideY, row = (y + window.Top) / window.StrideY;
                if (phaseY >= window.Height || row >= _rows)
                {
                    continue;
                }
                for (int x = 0; x < shape.Width; x++)
                {
                    int phaseX = (x + window.Left) % window.StrideX, column = (x + window.Left) / window.StrideX;
                    if (phaseX < window.Width && column < _pitch)
                    {
                        source[(((Plane(c, phaseY, phaseX) * _rows) + row) * _pitch) + column] = input[(((c * shape.Height) + y) * shape.Width) + x];
                    }
                }
            }
        }
    }

    int Plane(int channel, int phaseY, int phaseX)
    {
        int across = Math.Min(Shape.Window.StrideX, Shape.Window.Width);
        return (((channel * Math.Min(Shape.Window.StrideY, Shape.Window.Height)) + phaseY) * across) + phaseX;
    }
}
