using System.Numerics;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>
/// A network of linear layers and squares over the integers, nothing cut: under encryption nothing can be. A mean before a square is a sum within its linear layer; x² + Linear·x + Constant
/// stands for a quadratic activation, whose own factor goes into the scale.
/// </summary>
/// <param name="InputScale">Of an input.</param>
/// <param name="Layers">In a row.</param>
sealed record SquaredNetwork(double InputScale, IReadOnlyList<SquaredLayer> Layers)
{
    /// <summary>Greatest weight: four bits and a sign.</summary>
    const int MostWeight = 15;

    /// <summary>From floats: linear layers, means and quadratic activations in a row.</summary>
    public static SquaredNetwork Of(FloatNetwork network)
    {
        List<SquaredLayer> layers = [];
        double scale = MostWeight;
        for (int i = 0; i < network.Layers.Count; i++)
        {
            FloatLinear linear = (FloatLinear)network.Layers[i];
            FloatAveragePool? pool = network.Layers.ElementAtOrDefault(i + 1) as FloatAveragePool;
            i += pool is null ? 0 : 1;
            double unit = MostWeight / linear.Weights.Max(Math.Abs);
            (int Input, long Weight)[][] rows = Rows(linear, [.. linear.Weights.Select(weight => (long)Math.Round(weight * unit))]);
            scale *= unit;
            BigInteger[] bias = [.. rows.Select((_, output) => Round(linear.Bias[output / (linear.Shape.Output.Height * linear.Shape.Output.Width)] * scale))];
            if (pool is not null)
            {
                (rows, bias) = Pooled(pool, rows, bias);
                scale *= pool.Window.Area;
            }
            (BigInteger Linear, BigInteger Constant)? square = null;
            if (network.Layers.ElementAtOrDefault(i + 1) is FloatQuadratic quadratic)
            {
                square = (Round(quadratic.Linear / quadratic.Square * scale), Round(quadratic.Constant / quadratic.Square * scale * scale));
                scale = scale * scale / quadratic.Square;
                i++;
            }
            layers.Add(new SquaredLayer(linear.Name, rows, bias, square));
        }
        return new SquaredNetwork(MostWeight, layers);
    }

    /// <summary>An input as integers.</summary>
    public BigInteger[] Encode(float[] input) => [.. input.Select(value => (BigInteger)Math.Round(value * InputScale))];

    /// <summary>The reference: exact.</summary>
    public BigInteger[] Run(BigInteger[] input) => Layers.Aggregate(input, (values, layer) =>
    [
        .. layer.Rows.Select((row, output) =>
        {
            BigInteger sum = layer.Bias[output];
            foreach ((int from, long weight) in row)
            {
                sum += weight * values[from];
            }
            return layer.Square is { } square ? (sum * sum) + (square.Linear * sum) + square.Constant : sum;
        }),
    ]);

    static (int, long)[][] Rows(FloatLinear layer, long[] weights)
    {
        (ConvolutionShape shape, TensorShape from, TensorShape to) = (layer.Shape, layer.Shape.Input, layer.Shape.Output);
        (int, long)[][] rows = new (int, long)[to.Count][];
        for (int output = 0; output < to.Count; output++)
        {
            int filter = output / (to.Height * to.Width), y = (output / to.Width % to.Height * shape.Window.StrideY) - shape.Window.Top;
            int x = (output % to.Width * shape.Window.StrideX) - shape.Window.Left;
            List<(int, long)> row = [];
            for (int term = 0; term < shape.FanIn; term++)
            {
                int channel = term / shape.Window.Area, i = y + (term / shape.Window.Width % shape.Window.Height), j = x + (term % shape.Window.Width);
                if (i >= 0 && i < from.Height && j >= 0 && j < from.Width && weights[(filter * shape.FanIn) + term] is not 0 and var weight)
                {
                    row.Add(((((channel * from.Height) + i) * from.Width) + j, weight));
                }
            }
            rows[output] = [.. row];
        }
        return rows;
    }

    static ((int, long)[][], BigInteger[]) Pooled(FloatAveragePool pool, (int Input, long Weight)[][] rows, BigInteger[] bias)
    {
        (int, long)[][] sums = new (int, long)[pool.Output.Count][];
        BigInteger[] biases = new BigInteger[sums.Length];
        for (int output = 0; output < sums.Length; output++)
        {
            Dictionary<int, long> row = [];
            foreach (int source in new WindowSources(pool.From, pool.Window, pool.Output, output))
            {
                biases[output] += bias[source];
                foreach ((int input, long weight) in rows[source])
                {
                    row[input] = row.GetValueOrDefault(input) + weight;
                }
            }
            sums[output] = [.. row.Where(term => term.Value != 0).Select(term => (term.Key, term.Value))];
        }
        return (sums, biases);
    }

    static BigInteger Round(double number) => (BigInteger)Math.Round(number);
}
