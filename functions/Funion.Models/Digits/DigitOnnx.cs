using Funion.Models.Onnx;

namespace Funion.Models.Digits;

/// <summary>Writes the sample models as ONNX, with a free batch dimension.</summary>
static class DigitOnnx
{
    static readonly string[] s_names = ["conv1_w", "conv1_b", "conv2_w", "conv2_b", "fc1_w", "fc1_b", "fc2_w", "fc2_b"];

    public static byte[] Write(DigitNet net)
    {
        ProtoWriter graph = new();
        graph.Message(1, OnnxWriter.Node("Conv", ["image", "conv1_w", "conv1_b"], "c1", OnnxWriter.Ints("kernel_shape", 3, 3), OnnxWriter.Ints("pads", 1, 1, 1, 1)));
        graph.Message(1, OnnxWriter.Node("Relu", ["c1"], "r1"));
        graph.Message(1, OnnxWriter.Node("MaxPool", ["r1"], "p1", OnnxWriter.Ints("kernel_shape", 2, 2), OnnxWriter.Ints("strides", 2, 2)));
        graph.Message(1, OnnxWriter.Node("Conv", ["p1", "conv2_w", "conv2_b"], "c2", OnnxWriter.Ints("kernel_shape", 3, 3), OnnxWriter.Ints("pads", 1, 1, 1, 1)));
        graph.Message(1, OnnxWriter.Node("Relu", ["c2"], "r2"));
        graph.Message(1, OnnxWriter.Node("MaxPool", ["r2"], "p2", OnnxWriter.Ints("kernel_shape", 2, 2), OnnxWriter.Ints("strides", 2, 2)));
        graph.Message(1, OnnxWriter.Node("Flatten", ["p2"], "f"));
        graph.Message(1, OnnxWriter.Node("Gemm", ["f", "fc1_w", "fc1_b"], "h", OnnxWriter.Int("transB", 1)));
        graph.Message(1, OnnxWriter.Node("Relu", ["h"], "hr"));
        graph.Message(1, OnnxWriter.Node("Gemm", ["hr", "fc2_w", "fc2_b"], "logits", OnnxWriter.Int("transB", 1)));
        return Model(graph, s_names, DigitNet.Shapes, net.Parameters);
    }

    /// <summary>The small model.</summary>
    public static byte[] Write(SmallDigitNet net)
    {
        ProtoWriter graph = new();
        graph.Message(1, OnnxWriter.Node("AveragePool", ["image"], "p", OnnxWriter.Ints("kernel_shape", 2, 2), OnnxWriter.Ints("strides", 2, 2)));
        graph.Message(1, OnnxWriter.Node("Flatten", ["p"], "f"));
        graph.Message(1, OnnxWriter.Node("Gemm", ["f", "fc1_w", "fc1_b"], "h", OnnxWriter.Int("transB", 1)));
        graph.Message(1, OnnxWriter.Node("Relu", ["h"], "hr"));
        graph.Message(1, OnnxWriter.Node("Gemm", ["hr", "fc2_w", "fc2_b"], "logits", OnnxWriter.Int("transB", 1)));
        return Model(graph, s_names[4..], SmallDigitNet.Shapes, net.Parameters);
    }

    static byte[] Model(ProtoWriter graph, string[] names, IReadOnlyList<long[]> shapes, float[][] parameters)
    {
        graph.Text(2, "digits");
        for (int p = 0; p < parameters.Length; p++)
        {
            graph.Message(5, OnnxWriter.Initializer(names[p], shapes[p], parameters[p]));
        }
        graph.Message(11, OnnxWriter.Value("image", "batch", 1, DigitNet.Side, DigitNet.Side));
        graph.Message(12, OnnxWriter.Value("logits", "batch", DigitNet.Classes));
        return OnnxWriter.Model("Funion.Models digit trainer", graph);
    }
}
