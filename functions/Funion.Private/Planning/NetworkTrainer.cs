using System.Numerics.Tensors;
using Funion.Models;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Planning;

/// <summary>
/// Trains a network on while some of its activations become quadratic. Each of those is (1 − ρ)·quadratic + ρ·rectifier, ρ going from 1 to 0 over the first part of the
/// steps; then some with the quadratic alone. Stochastic gradient descent with momentum, the rate falling to nothing, gradients held to a norm, for squares of squares explode.
/// Seeded, and sums in one order: the same on the same kind of processor.
/// <list type="bullet">
/// <item>References: Delphi (Mishra and others, 2020), section 5.2, and its code for the gradual exchange and the clipping.</item>
/// </list>
/// </summary>
public sealed class NetworkTrainer
{
    const int Batch = 32, Threads = 2;

    const float Momentum = 0.9f, MostNorm = 1;

    const double Exchanging = 0.6;

    readonly FloatNetwork _network;

    readonly HashSet<int> _exchanged;

    readonly FloatLinear?[] _linear;

    readonly (float[] Weights, float[] Bias)[][] _gradients;

    readonly (float[] Weights, float[] Bias)[] _velocity;

    /// <summary>Of a network; the set names places among the candidates.</summary>
    public NetworkTrainer(FloatNetwork network, IReadOnlyCollection<int> set)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(set);
        IReadOnlyList<int> candidates = Exchange.Candidates(network);
        _exchanged = [.. set.Select(place => candidates[place])];
        // Weights of its own, which change.
        _network = network with
        {
            Layers = [.. network.Layers.Select(layer => layer is FloatLinear linear ? linear with { Weights = [.. linear.Weights], Bias = [.. linear.Bias] } : layer)],
        };
        _linear = [.. _network.Layers.Select(layer => layer as FloatLinear)];
        _gradients = [.. Enumerable.Range(0, Threads).Select(_ => Zeros())];
        _velocity = Zeros();
    }

    /// <summary>Trains; the network with its activations exchanged.</summary>
    /// <param name="data">Labelled inputs of a stream by its number; asked from one thread each.</param>
    /// <param name="steps">Of 32 inputs.</param>
    /// <param name="rate">At the beginning.</param>
    /// <exception cref="ModelException">Weights became infinite.</exception>
    public FloatNetwork Run(Func<int, IEnumerator<(float[] Input, int Label)>> data, int steps, float rate)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        IEnumerator<(float[] Input, int Label)>[] streams = [.. Enumerable.Range(0, Threads).Select(data)];
        for (int step = 0; step < steps; step++)
        {
            float rho = (float)Math.Max(0, 1 - (step / (Exchanging * steps)));
            Parallel.For(0, Threads, thread =>
            {
                for (int i = 0; i < Batch / Threads; i++)
                {
                    streams[thread].MoveNext();
                    (float[] input, int label) = streams[thread].Current;
                    Learn(input, label, rho, _gradients[thread]);
                }
            });
            Step(rate * (1 - ((float)step / steps)));
        }
        if (_linear.OfType<FloatLinear>().Any(layer => !layer.Weights.Concat(layer.Bias).All(float.IsFinite)))
        {
            throw new ModelException("The weights became infinite in training.");
        }
        HashSet<int> places = [.. Exchange.Candidates(_network).Select((layer, place) => (layer, place)).Where(one => _exchanged.Contains(one.layer)).Select(one => one.place)];
        return Exchange.Apply(_network, places);
    }

    /// <summary>Adds the gradient of the cross entropy of one input; gives the loss.</summary>
    internal float Learn(float[] input, int label, float rho, (float[] Weights, float[] Bias)[] gradients)
    {
        IReadOnlyList<FloatLayer> layers = _network.Layers;
        float[][] values = new float[layers.Count + 1][], slopes = new float[values.Length][];
        values[0] = input;
        for (int i = 0; i < layers.Count; i++)
        {
            values[i + 1] = Forward(i, values, rho);
        }
        float[] logits = values[^1];
        float most = logits.Max(), total = logits.Sum(logit => MathF.Exp(logit - most));
        slopes[^1] = [.. logits.Select((logit, c) => (MathF.Exp(logit - most) / total) - (c == label ? 1 : 0))];
        for (int i = layers.Count - 1; i >= 0; i--)
        {
            foreach (int from in layers[i].Inputs)
            {
                slopes[from] ??= new float[values[from].Length];
            }
            Backward(i, values, slopes, rho, gradients);
        }
        return most + MathF.Log(total) - logits[label];
    }

    internal FloatLinear? Linear(int layer) => _linear[layer];

    internal (float[] Weights, float[] Bias)[] Zeros() =>
        [.. _linear.Select(layer => layer is null ? ([], []) : (new float[layer.Weights.Length], new float[layer.Bias.Length]))];

    float[] Forward(int index, float[][] values, float rho)
    {
        FloatLayer layer = _network.Layers[index];
        if (layer is not FloatActivation activation || !_exchanged.Contains(index))
        {
            return FloatNetwork.Forward(layer, values);
        }
        float[] input = values[activation.Input], mean = Mean(activation, input), output = rho > 0 ? FloatNetwork.Forward(layer, values) : new float[activation.Output.Count];
        (float square, float linear, float constant) = FloatQuadratic.InPlaceOfRelu;
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = ((1 - rho) * ((((square * mean[i]) + linear) * mean[i]) + constant)) + (rho * output[i]);
        }
        return output;
    }

    void Backward(int index, float[][] values, float[][] slopes, float rho, (float[] Weights, float[] Bias)[] gradients)
    {
        float[] slope = slopes[index + 1];
        switch (_network.Layers[index])
        {
            case FloatLinear layer:
                LinearGradient.Add(layer, values[layer.Input], slope, gradients[index].Weights, gradients[index].Bias, layer.Input == 0 ? null : slopes[layer.Input]);
                break;
            case FloatActivation layer when _exchanged.Contains(index):
                Quadratic(layer, values[layer.Input], slope, slopes[layer.Input], 1 - rho);
                Rectified(layer, values[layer.Input], slope, slopes[layer.Input], rho);
                break;
            case FloatActivation layer:
                Rectified(layer, values[layer.Input], slope, slopes[layer.Input], 1);
                break;
            case FloatQuadratic layer:
                for (int i = 0; i < slope.Length; i++)
                {
                    slopes[layer.Input][i] += slope[i] * ((2 * layer.Square * values[layer.Input][i]) + layer.Linear);
                }
                break;
            case FloatAveragePool layer:
                Spread(layer.From, layer.Window, layer.Output, slope, slopes[layer.Input]);
                break;
            case FloatAdd layer:
                TensorPrimitives.Add(slopes[layer.First], slope, slopes[layer.First]);
                TensorPrimitives.Add(slopes[layer.Second], slope, slopes[layer.Second]);
                break;
        }
    }

    static void Rectified(FloatActivation layer, float[] input, float[] slope, float[] into, float share)
    {
        for (int i = 0; i < slope.Length && share > 0; i++)
        {
            int greatest = i;
            if (layer.Pool is { } pool)
            {
                greatest = -1;
                foreach (int source in new WindowSources(layer.From, pool, layer.Output, i))
                {
                    greatest = greatest < 0 || input[source] > input[greatest] ? source : greatest;
                }
            }
            bool passes = (!layer.Rectifies || input[greatest] > 0) && input[greatest] < layer.Cap;
            into[greatest] += passes ? share * slope[i] : 0;
        }
    }

    static void Quadratic(FloatActivation layer, float[] input, float[] slope, float[] into, float share)
    {
        float[] mean = Mean(layer, input);
        (float square, float linear, _) = FloatQuadratic.InPlaceOfRelu;
        float[] inner = [.. slope.Select((one, i) => share * one * ((2 * square * mean[i]) + linear))];
        Spread(layer.From, layer.Pool ?? Window.Point, layer.Output, inner, into);
    }

    static void Spread(TensorShape from, Window window, TensorShape to, float[] slope, float[] into)
    {
        for (int i = 0; i < slope.Length; i++)
        {
            foreach (int source in new WindowSources(from, window, to, i))
            {
                into[source] += slope[i] / window.Area;
            }
        }
    }

    static float[] Mean(FloatActivation layer, float[] input) =>
        layer.Pool is { } pool ? FloatNetwork.Forward(new FloatAveragePool("", 0, layer.From, pool), [input]) : input;

    void Step(float rate)
    {
        double norm = 0;
        for (int p = 0; p < _linear.Length; p++)
        {
            foreach ((float[] sum, float[] other) in (((float[], float[])[])[(_gradients[0][p].Weights, _gradients[1][p].Weights), (_gradients[0][p].Bias, _gradients[1][p].Bias)]))
            {
                TensorPrimitives.Add(sum, other, sum);
                TensorPrimitives.Divide(sum, Batch, sum);
                Array.Clear(other);
                norm += sum.Length == 0 ? 0 : TensorPrimitives.SumOfSquares<float>(sum);
            }
        }
        float held = (float)Math.Min(1, MostNorm / Math.Sqrt(Math.Max(norm, 1e-12)));
        for (int p = 0; p < _linear.Length; p++)
        {
            if (_linear[p] is { } layer)
            {
                Move(layer.Weights, _gradients[0][p].Weights, _velocity[p].Weights, rate, held);
                Move(layer.Bias, _gradients[0][p].Bias, _velocity[p].Bias, rate, held);
            }
        }
    }

    static void Move(float[] values, float[] gradient, float[] velocity, float rate, float held)
    {
        for (int i = 0; i < values.Length; i++)
        {
            velocity[i] = (Momentum * velocity[i]) + (held * gradient[i]);
            values[i] -= rate * velocity[i];
        }
        Array.Clear(gradient);
    }
}
