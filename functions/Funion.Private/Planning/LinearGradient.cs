using System.Numerics.Tensors;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Planning;

/// <summary>The gradient of a linear layer: of its weights, its bias and its input, added to what is there.</summary>
static class LinearGradient
{
    public static void Add(FloatLinear layer, float[] input, float[] slope, float[] weights, float[] bias, float[]? into)
    {
        ConvolutionShape shape = layer.Shape;
        int plane = shape.Output.Height * shape.Output.Width, fanIn = shape.FanIn;
        for (int m = 0; m < shape.Filters; m++)
        {
            ReadOnlySpan<float> filter = slope.AsSpan(m * plane, plane);
            bias[m] += TensorPrimitives.Sum(filter);
            if (plane == 1 && fanIn == input.Length)
            {
                Span<float> row = weights.AsSpan(m * fanIn, fanIn);
                TensorPrimitives.MultiplyAdd(input, filter[0], row, row);
                if (into is not null)
                {
                    TensorPrimitives.MultiplyAdd(layer.Weights.AsSpan(m * fanIn, fanIn), filter[0], into, into);
                }
                continue;
            }
            for (int t = 0; t < fanIn; t++)
            {
                weights[(m * fanIn) + t] += Tap(shape, t, layer.Weights[(m * fanIn) + t], input, filter, into);
            }
        }
    }

    /// <summary>What one tap of one filter adds: to its weight, which is given back, and to the input's slope.</summary>
    static float Tap(ConvolutionShape shape, int tap, float weight, float[] input, ReadOnlySpan<float> slope, float[]? into)
    {
        (TensorShape from, TensorShape to, Window window) = (shape.Input, shape.Output, shape.Window);
        int c = tap / window.Area, ky = (tap / window.Width % window.Height) - window.Top, kx = (tap % window.Width) - window.Left;
        float sum = 0;
        for (int row = 0; row < to.Height; row++)
        {
            int y = (row * window.StrideY) + ky;
            if (y < 0 || y >= from.Height)
            {
                continue;
            }
            int line = ((c * from.Height) + y) * from.Width;
            ReadOnlySpan<float> slopes = slope.Slice(row * to.Width, to.Width);
            if (window.StrideX == 1)
            {
                int first = Math.Max(0, -kx), count = Math.Min(to.Width, from.Width - kx) - first;
                if (count > 0)
                {
                    ReadOnlySpan<float> run = slopes.Slice(first, count);
                    sum += TensorPrimitives.Dot(run, input.AsSpan(line + first + kx, count));
                    if (into is not null)
                    {
                        Span<float> target = into.AsSpan(line + first + kx, count);
                        TensorPrimitives.MultiplyAdd(run, weight, target, target);
                    }
                }
                continue;
            }
            for (int column = 0; column < to.Width; column++)
            {
                int x = (column * window.StrideX) + kx;
                if (x >= 0 && x < from.Width)
                {
                    sum += slopes[column] * input[line + x];
                    if (into is not null)
                    {
                        into[line + x] += slopes[column] * weight;
                    }
                }
            }
        }
        return sum;
    }
}
