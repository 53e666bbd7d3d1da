using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// A network over Z_2^l, and its plaintext executor: the reference that every other way of running it equals bit for bit. Its last layer is its output.
/// </summary>
/// <param name="Modulus">Z_2^l.</param>
/// <param name="Input">Shape of the input, without a batch.</param>
/// <param name="InputScale">What an input is multiplied with before it is rounded to an integer.</param>
/// <param name="Layers">In an order in which they can be computed.</param>
/// <param name="OutputScale">What an output is divided by to be the float that the model means.</param>
public sealed record IntegerNetwork(Modulus Modulus, TensorShape Input, double InputScale, IReadOnlyList<IntegerLayer> Layers, double OutputScale)
{
    /// <summary>Shape of the output.</summary>
    public TensorShape Output => Layers[^1].Output;

    /// <summary>Outputs of all non-linear layers: what an inference costs, nearly all of it.</summary>
    public int Activations => Layers.OfType<NonlinearLayer>().Sum(layer => layer.Output.Count);

    /// <summary>Outputs of all quadratic layers.</summary>
    public int Quadratics => Layers.OfType<QuadraticLayer>().Sum(layer => layer.Output.Count);

    /// <summary>An input as integers.</summary>
    public RingTensor Encode(ReadOnlySpan<float> input)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Length, Input.Count);
        RingTensor tensor = new(Modulus, Input);
        // What is no number is nothing, and what is out of range is as far as it goes: a model says nothing of either.
        double limit = Modulus.Greatest / 2;
        for (int i = 0; i < input.Length; i++)
        {
            double value = double.IsNaN(input[i]) ? 0 : Math.Clamp(input[i] * InputScale, -limit, limit);
            tensor.Elements[i] = Modulus.Element((long)Math.Round(value));
        }
        return tensor;
    }

    /// <summary>An output as floats.</summary>
    public float[] Decode(RingTensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return [.. output.ToSigned().Select(value => (float)(value / OutputScale))];
    }

    /// <summary>The output for one encoded input.</summary>
    public RingTensor Run(RingTensor input) => RunAll(input)[^1];

    /// <summary>All values, the input first.</summary>
    public RingTensor[] RunAll(RingTensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Modulus, Modulus);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape, Input);
        RingTensor[] values = new RingTensor[Layers.Count + 1];
        values[0] = input;
        for (int i = 0; i < Layers.Count; i++)
        {
            values[i + 1] = Layers[i].Apply([.. Layers[i].Inputs.Select(value => values[value])]);
        }
        return values;
    }

    /// <summary>The logits of an input in floats.</summary>
    public float[] Run(ReadOnlySpan<float> input) => Decode(Run(Encode(input)));

    /// <summary>The architecture: what a client is told, and nothing else of the model.</summary>
    public IntegerNetwork WithoutWeights() => this with { Layers = [.. Layers.Select(layer => layer is LinearLayer linear ? linear.WithoutWeights() : layer)] };

    /// <summary>What an enclave is told: the architecture and the biases.</summary>
    public IntegerNetwork WithBiases() => this with { Layers = [.. Layers.Select(layer => layer is LinearLayer linear ? linear.WithBias() : layer)] };
}
