using System.Numerics.Tensors;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>A network in floats, reduced to five kinds of layers; its last layer is its output.</summary>
/// <param name="Input">Shape of the input, without a batch.</param>
/// <param name="Layers">In an order in which they can be computed.</param>
public sealed record FloatNetwork(TensorShape Input, IReadOnlyList<FloatLayer> Layers)
{
    /// <summary>Values that go through a non-linear layer: what an inference costs, nearly all of it.</summary>
    public int Activations => Layers.OfType<FloatActivation>().Sum(layer => layer.Output.Count);

    /// <summary>Values that go through a quadratic layer.</summary>
    public int Quadratics => Layers.OfType<FloatQuadratic>().Sum(layer => layer.Output.Count);

    /// <summary>The output for one input.</summary>
    public float[] Run(ReadOnlySpan<float> input) => RunAll(input)[^1];

    /// <summary>All values, the input first: what calibration looks at.</summary>
    public float[][] RunAll(ReadOnlySpan<float> input)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Length, Input.Count);
        float[][] values = new float[Layers.Count + 1][];
        values[0] = input.ToArray();
        for (int i = 0; i < Layers.Count; i++)
        {
            values[i + 1] = Forward(Layers[i], values);
        }
        return values;
    }

    /// <summary>One layer on values that are there.</summary>
    internal static float[] Forward(FloatLayer one, float[][] values) => one switch
    {
        FloatLinear layer => Convolve(layer, values[layer.Input]),
        FloatActivation layer => Activate(layer, values[layer.Input]),
        FloatAveragePool layer => Average(layer, values[layer.Input]),
        FloatQuadratic layer => [.. values[layer.Input].Select(layer.Of)],
        FloatAdd layer => [.. values[layer.First].Zip(values[layer.Second], (x, y) => x + y)],
        FloatLayer layer => throw new InvalidOperationException($"{layer.GetType().Name} is no layer that is known."),
    };

    static float[] Convolve(FloatLinear layer, ReadOnlySpan<float> input)
    {
        ConvolutionShape shape = layer.Shape;
        float[] output = new float[shape.Output.Count];
        int plane = shape.Output.Height * shape.Output.Width;
        for (int m = 0; m < shape.Filters; m++)
        {
            Span<float> filter = output.AsSpan(m * plane, plane);
            filter.Fill(layer.Bias[m]);
            if (plane == 1 && shape.FanIn == input.Length)
            {
                filter[0] += TensorPrimitives.Dot(layer.Weights.AsSpan(m * shape.FanIn, shape.FanIn), input);
                continue;
            }
            for (int t = 0; t < shape.FanIn; t++)
            {
                AddTap(shape, t, layer.Weights[(m * shape.FanIn) + t], input, filter);
            }
        }
        return output;
    }

    static void AddTap(ConvolutionShape shape, int tap, float weight, ReadOnlySpan<float> input, Span<float> output)
    {
        (TensorShape from, TensorShape to, Window window) = (shape.Input, shape.Output, shape.Window);
        int c = tap / window.Area, ky = (tap / window.Width % window.Height) - window.Top, kx = (tap % window.Width) - window.Left;
        for (int row = 0; row < to.Height; row++)
        {
            int y = (row * window.StrideY) + ky;
            if (y < 0 || y >= from.Height)
            {
                continue;
            }
            ReadOnlySpan<float> source = input.Slice(((c * from.Height) + y) * from.Width, from.Width);
            Span<float> target = output.Slice(row * to.Width, to.Width);
            if (window.StrideX == 1)
            {
                int first = Math.Max(0, -kx), count = Math.Min(to.Width, from.Width - kx) - first;
                if (count > 0)
                {
                    Span<float> run = target.Slice(first, count);
                    TensorPrimitives.MultiplyAdd(source.Slice(first + kx, count), weight, run, run);
                }
                continue;
            }
            for (int column = 0; column < to.Width; column++)
            {
                int x = (column * window.StrideX) + kx;
                target[column] += x >= 0 && x < from.Width ? weight * source[x] : 0;
            }
        }
    }

    static float[] Activate(FloatActivation layer, float[] input)
    {
        float[] output = layer.Pool is { } pool ? Pooled(layer.From, pool, layer.Output, input, values => TensorPrimitives.Max(values)) : [.. input];
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = Math.Min(layer.Cap, layer.Rectifies ? Math.Max(0, output[i]) : output[i]);
        }
        return output;
    }

    static float[] Average(FloatAveragePool layer, float[] input) =>
        // Padding counts, as zeros: the reader takes no other kind.
        Pooled(layer.From, layer.Window, layer.Output, input, values => TensorPrimitives.Sum(values) / layer.Window.Area);

    static float[] Pooled(TensorShape from, Window window, TensorShape to, float[] input, Func<ReadOnlySpan<float>, float> reduce)
    {
        float[] output = new float[to.Count], values = new float[window.Area];
        for (int i = 0; i < output.Length; i++)
        {
            int count = 0;
            foreach (int source in new WindowSources(from, window, to, i))
            {
                values[count++] = input[source];
            }
            output[i] = reduce(values.AsSpan(0, count));
        }
        return output;
    }
}
