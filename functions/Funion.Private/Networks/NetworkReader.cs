using Funion.Private.Onnx;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// Reads an ONNX model into the five kinds of layers that have a private counterpart. A file is hostile input: whatever is wrong with it is an outcome.
/// <list type="bullet">
/// <item>Taken: Conv, Gemm, MatMul, Relu, Clip from 0 (ReLU6), MaxPool, AveragePool, GlobalAveragePool, Add, BatchNormalization after a linear layer,
/// Mul, Pow, Add and Sub where they come to a quadratic polynomial of one value with scalar coefficients, Flatten, Reshape, Identity, Dropout, Constant.</item>
/// <item>References: ONNX operators, opset 7 to 21.</item>
/// </list>
/// </summary>
public static class NetworkReader
{
    /// <summary>Largest file, and most elements of one activation.</summary>
    const int MaxFile = 1 << 29, MaxElements = 1 << 24;

    /// <summary>Reads a file.</summary>
    public static NetworkReading TryRead(ReadOnlySpan<byte> file)
    {
        OnnxModel? model = file.Length <= MaxFile ? OnnxModel.TryRead(file) : null;
        if (model is null)
        {
            return Malformed(file.Length <= MaxFile ? "the bytes are no graph" : "the file is larger than half a gigabyte");
        }
        string[] unknown =
        [
            .. model.Nodes.Where(node => !NetworkBuilder.Knows(node)).GroupBy(node => node.Label, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"the operator {Short(group.Key)}" + (group.Count() > 1 ? $" ({group.Count()} times)" : "")),
        ];
        if (unknown.Length > 0)
        {
            return new NetworkReading(NetworkOutcome.Unsupported, null, unknown);
        }
        if (model.Inputs.Count != 1 || model.Outputs.Count != 1)
        {
            return new NetworkReading(NetworkOutcome.Unsupported, null, [$"{model.Inputs.Count} inputs and {model.Outputs.Count} outputs, where one of each is meant"]);
        }
        if (InputShape(model.Inputs[0].Shape) is not { } input)
        {
            string shape = string.Join(", ", model.Inputs[0].Shape);
            return new NetworkReading(NetworkOutcome.Unsupported, null, [$"the input's shape [{shape}], where one picture or one vector is meant"]);
        }
        return new NetworkBuilder(model, input).Build();
    }

    internal static NetworkReading Malformed(string problem) => new(NetworkOutcome.Malformed, null, [problem]);

    /// <summary>A name from a hostile file, as a message may repeat it.</summary>
    internal static string Short(string name) => new([.. name.Take(60).Select(c => char.IsAsciiLetterOrDigit(c) || "._-/:".Contains(c, StringComparison.Ordinal) ? c : '?')]);

    /// <summary>[batch, C, H, W] or [batch, n], the batch free or one.</summary>
    static TensorShape? InputShape(long[] shape) => shape switch
    {
        [-1 or 1, > 0 and <= MaxElements, > 0 and <= MaxElements, > 0 and <= MaxElements] when (Int128)shape[1] * shape[2] * shape[3] <= MaxElements =>
            new TensorShape((int)shape[1], (int)shape[2], (int)shape[3]),
        [-1 or 1, > 0 and <= MaxElements] => new TensorShape((int)shape[1], 1, 1),
        _ => null,
    };
}
