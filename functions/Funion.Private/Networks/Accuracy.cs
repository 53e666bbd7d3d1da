using Funion.Inference;
using Funion.Models;

namespace Funion.Private.Networks;

/// <summary>An integer network beside the float model that it was made of.</summary>
/// <param name="Samples">Inputs.</param>
/// <param name="FloatRight">Share of them that the float model, in ONNX Runtime, gets right.</param>
/// <param name="IntegerRight">Share of them that the integer network gets right.</param>
/// <param name="Agree">Share of them on which the two say the same.</param>
/// <param name="LargestError">Greatest difference of an output, relative to the greatest output of the float model.</param>
public sealed record Accuracy(int Samples, double FloatRight, double IntegerRight, double Agree, double LargestError)
{
    /// <summary>Runs both over labelled inputs.</summary>
    public static Accuracy Measure(ModelRunner model, IntegerNetwork network, IEnumerable<(float[] Input, int Label)> samples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(samples);
        int count = 0, floatRight = 0, integerRight = 0, agree = 0;
        double error = 0, largest = 0;
        long[] shape = [.. model.Inputs[0].Shape.Select(size => Math.Max(1, size))];
        foreach ((float[] input, int label) in samples)
        {
            float[] expected = model.RunDirect([Tensor.Of(model.Inputs[0].Name, shape, input)])[0].ToFloats(), actual = network.Run(input);
            int first = Array.IndexOf(expected, expected.Max()), second = Array.IndexOf(actual, actual.Max());
            count++;
            floatRight += first == label ? 1 : 0;
            integerRight += second == label ? 1 : 0;
            agree += first == second ? 1 : 0;
            error = expected.Zip(actual, (x, y) => Math.Abs((double)x - y)).Append(error).Max();
            largest = expected.Select(value => Math.Abs((double)value)).Append(largest).Max();
        }
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(samples));
        return new Accuracy(count, (double)floatRight / count, (double)integerRight / count, (double)agree / count, error / largest);
    }
}
