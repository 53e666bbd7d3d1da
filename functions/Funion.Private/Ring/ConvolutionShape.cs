namespace Funion.Private.Ring;

/// <summary>
/// The public side of a linear layer: a convolution from one shape to another. A fully connected layer is the convolution of n channels of one element.
/// Weights are laid out [filter, channel, row, column], as ONNX has them.
/// </summary>
public readonly record struct ConvolutionShape
{
    /// <summary>A convolution with so many filters.</summary>
    public ConvolutionShape(TensorShape input, int filters, Window window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        if (!window.Fits(input))
        {
            throw new ArgumentException($"A window of {window.Height}×{window.Width} does not fit into {input}.", nameof(window));
        }
        Input = input;
        Filters = filters;
        Window = window;
        Output = window.Over(input, filters);
        _ = checked(filters * input.Channels * window.Area);
    }

    /// <summary>C, H and W of the input, without padding.</summary>
    public TensorShape Input { get; }

    /// <summary>Output channels.</summary>
    public int Filters { get; }

    /// <summary>Size, stride and padding.</summary>
    public Window Window { get; }

    /// <summary>Shape of the output.</summary>
    public TensorShape Output { get; }

    /// <summary>Products in each output.</summary>
    public int FanIn => Input.Channels * Window.Area;

    /// <summary>Weights of all filters.</summary>
    public int WeightCount => Filters * FanIn;

    /// <summary>A fully connected layer.</summary>
    public static ConvolutionShape FullyConnected(int inputs, int outputs) => new(new TensorShape(inputs, 1, 1), outputs, Window.Point);
}
