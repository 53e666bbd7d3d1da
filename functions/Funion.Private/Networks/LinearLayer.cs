using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// W·x + b. The server's weights are its secret: what a client is given is the layer without them. Offline the client gets a share of W·r by encryption
/// (<see cref="Lattice.LinearServer"/>); online the server computes W·(x − r) with <see cref="Multiply"/>, and adds its share and the bias.
/// </summary>
/// <param name="Name">Of its output in the model file.</param>
/// <param name="Input">Value it takes.</param>
/// <param name="Shape">Convolution, or fully connected.</param>
/// <param name="WeightBound">Greatest magnitude that a weight may have; public.</param>
/// <param name="Weights">[filter, channel, row, column]; null for a client.</param>
/// <param name="Bias">One element for each filter; null for a client.</param>
public sealed record LinearLayer(string Name, int Input, ConvolutionShape Shape, int WeightBound, int[]? Weights, long[]? Bias) : IntegerLayer(Name, [Input], Shape.Output)
{
    RingConvolution? _convolution;

    /// <summary>W·x, for x or for a share of it.</summary>
    public RingTensor Multiply(RingTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return (_convolution ??= new RingConvolution(Shape, Weights ?? throw new InvalidOperationException("A client has no weights."))).Apply(x);
    }

    /// <summary>Adds b, in place: one party does, once.</summary>
    public void AddBias(RingTensor sum)
    {
        ArgumentNullException.ThrowIfNull(sum);
        long[] bias = Bias ?? throw new InvalidOperationException("A client has no bias.");
        int plane = Output.Height * Output.Width;
        for (int i = 0; i < Output.Count; i++)
        {
            sum.Elements[i] = unchecked(sum.Elements[i] + (ulong)bias[i / plane]) & sum.Modulus.Mask;
        }
    }

    /// <inheritdoc/>
    public override RingTensor Apply(IReadOnlyList<RingTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RingTensor output = Multiply(inputs[0]);
        AddBias(output);
        return output;
    }

    /// <summary>What a client is told.</summary>
    public LinearLayer WithoutWeights() => new(Name, Input, Shape, WeightBound, null, null);

    /// <summary>What an enclave is told.</summary>
    public LinearLayer WithBias() => new(Name, Input, Shape, WeightBound, null, Bias);
}
