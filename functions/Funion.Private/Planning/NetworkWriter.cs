using Funion.Models.Onnx;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Planning;

/// <summary>Writes a float network as ONNX, opset 13, with a free batch: what <see cref="NetworkReader"/> reads, and ONNX Runtime runs.</summary>
public static class NetworkWriter
{
    /// <summary>The file.</summary>
    /// <param name="network">What it computes.</param>
    /// <param name="input">Name of its input.</param>
    /// <param name="output">Name of its output.</param>
    /// <param name="picture">Whether the input is a picture, [n, C, H, W], or a vector, [n, C].</param>
    public static byte[] ToBytes(FloatNetwork network, string input, string output, bool picture)
    {
        ArgumentNullException.ThrowIfNull(network);
        ProtoWriter graph = new();
        (string Name, TensorShape Shape, bool Picture)[] values = new (string, TensorShape, bool)[network.Layers.Count + 1];
        values[0] = (input, network.Input, picture);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            string name = i == network.Layers.Count - 1 ? output : $"v{i + 1}";
            values[i + 1] = (name, network.Layers[i].Output, Write(graph, network.Layers[i], name, values));
        }
        graph.Text(2, "planned");
        graph.Message(11, OnnxWriter.Value(input, "batch", Dimensions(network.Input, picture)));
        graph.Message(12, OnnxWriter.Value(output, "batch", Dimensions(values[^1].Shape, values[^1].Picture)));
        return OnnxWriter.Model("funion plan two-party", graph);
    }

    /// <summary>Writes a layer; whether its output is a picture.</summary>
    static bool Write(ProtoWriter graph, FloatLayer layer, string name, (string Name, TensorShape Shape, bool Picture)[] values)
    {
        (string from, TensorShape shape, bool picture) = values[layer.Inputs[0]];
        switch (layer)
        {
            case FloatLinear linear when picture && shape == linear.Shape.Input && (shape.Height, shape.Width, linear.Shape.Window) != (1, 1, Window.Point):
                Weights(graph, name, linear, [linear.Shape.Filters, shape.Channels, linear.Shape.Window.Height, linear.Shape.Window.Width]);
                Node(graph, "Conv", [from, name + "_w", name + "_b"], name, Of(linear.Shape.Window));
                return true;
            case FloatLinear linear:
                Weights(graph, name, linear, [linear.Shape.Filters, linear.Shape.FanIn]);
                if (picture)
                {
                    Node(graph, "Flatten", [from], name + "_flat");
                }
                Node(graph, "Gemm", [picture ? name + "_flat" : from, name + "_w", name + "_b"], name, OnnxWriter.Int("transB", 1));
                return false;
            case FloatActivation activation:
                Activation(graph, activation, from, name);
                return picture;
            case FloatQuadratic square:
                Quadratic(graph, square, from, name);
                return picture;
            case FloatAveragePool pool:
                Node(graph, "AveragePool", [from], name, [.. Of(pool.Window), OnnxWriter.Int("count_include_pad", 1)]);
                return true;
            default:
                Node(graph, "Add", [from, values[layer.Inputs[1]].Name], name);
                return picture;
        }
    }

    static void Activation(ProtoWriter graph, FloatActivation layer, string from, string name)
    {
        string pooled = layer.Rectifies ? name + "_max" : name;
        if (layer.Pool is { } pool)
        {
            Node(graph, "MaxPool", [from], pooled, Of(pool));
            from = pooled;
        }
        if (layer.Rectifies && float.IsFinite(layer.Cap))
        {
            Scalar(graph, name + "_low", 0);
            Scalar(graph, name + "_high", layer.Cap);
            Node(graph, "Clip", [from, name + "_low", name + "_high"], name);
        }
        else if (layer.Rectifies)
        {
            Node(graph, "Relu", [from], name);
        }
    }

    static void Quadratic(ProtoWriter graph, FloatQuadratic layer, string from, string name)
    {
        Scalar(graph, name + "_a2", layer.Square);
        Scalar(graph, name + "_a1", layer.Linear);
        Scalar(graph, name + "_a0", layer.Constant);
        Node(graph, "Mul", [from, name + "_a2"], name + "_x");
        Node(graph, "Add", [name + "_x", name + "_a1"], name + "_y");
        Node(graph, "Mul", [name + "_y", from], name + "_z");
        Node(graph, "Add", [name + "_z", name + "_a0"], name);
    }

    static void Weights(ProtoWriter graph, string name, FloatLinear layer, long[] shape)
    {
        graph.Message(5, OnnxWriter.Initializer(name + "_w", shape, layer.Weights));
        graph.Message(5, OnnxWriter.Initializer(name + "_b", [layer.Bias.Length], layer.Bias));
    }

    static void Scalar(ProtoWriter graph, string name, float value) => graph.Message(5, OnnxWriter.Initializer(name, [], [value]));

    static void Node(ProtoWriter graph, string kind, string[] inputs, string output, params ProtoWriter[] attributes) =>
        graph.Message(1, OnnxWriter.Node(kind, inputs, output, attributes));

    static ProtoWriter[] Of(Window window) =>
    [
        OnnxWriter.Ints("kernel_shape", window.Height, window.Width), OnnxWriter.Ints("strides", window.StrideY, window.StrideX),
        OnnxWriter.Ints("pads", window.Top, window.Left, window.Bottom, window.Right),
    ];

    static long[] Dimensions(TensorShape shape, bool picture) => picture ? [shape.Channels, shape.Height, shape.Width] : [shape.Count];
}
