using System.Runtime.InteropServices;

namespace Funion.Models.Digits;

/// <summary>Writes the sample model as ONNX: opset 13, a free batch dimension. References: onnx.proto of ONNX IR version 8.</summary>
static class DigitOnnx
{
    static readonly string[] s_names = ["conv1_w", "conv1_b", "conv2_w", "conv2_b", "fc1_w", "fc1_b", "fc2_w", "fc2_b"];

    public static byte[] Write(DigitNet net)
    {
        ProtoWriter graph = new();
        graph.Message(1, Node("Conv", ["image", "conv1_w", "conv1_b"], "c1", Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1)));
        graph.Message(1, Node("Relu", ["c1"], "r1"));
        graph.Message(1, Node("MaxPool", ["r1"], "p1", Ints("kernel_shape", 2, 2), Ints("strides", 2, 2)));
        graph.Message(1, Node("Conv", ["p1", "conv2_w", "conv2_b"], "c2", Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1)));
        graph.Message(1, Node("Relu", ["c2"], "r2"));
        graph.Message(1, Node("MaxPool", ["r2"], "p2", Ints("kernel_shape", 2, 2), Ints("strides", 2, 2)));
        graph.Message(1, Node("Flatten", ["p2"], "f"));
        graph.Message(1, Node("Gemm", ["f", "fc1_w", "fc1_b"], "h", Int("transB", 1)));
        graph.Message(1, Node("Relu", ["h"], "hr"));
        graph.Message(1, Node("Gemm", ["hr", "fc2_w", "fc2_b"], "logits", Int("transB", 1)));
        graph.Text(2, "digits");
        for (int p = 0; p < net.Parameters.Length; p++)
        {
            graph.Message(5, Initializer(s_names[p], DigitNet.Shapes[p], net.Parameters[p]));
        }
        graph.Message(11, Value("image", "batch", 1, DigitNet.Side, DigitNet.Side));
        graph.Message(12, Value("logits", "batch", DigitNet.Classes));
        ProtoWriter opset = new();
        opset.Number(2, 13);
        ProtoWriter model = new();
        model.Number(1, 8);
        model.Text(2, "Funion.Models digit trainer");
        model.Message(7, graph);
        model.Message(8, opset);
        return model.ToArray();
    }

    static ProtoWriter Node(string type, string[] inputs, string output, params ProtoWriter[] attributes)
    {
        ProtoWriter node = new();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }
        node.Text(2, output);
        node.Text(3, output + "_node");
        node.Text(4, type);
        foreach (ProtoWriter attribute in attributes)
        {
            node.Message(5, attribute);
        }
        return node;
    }

    static ProtoWriter Int(string name, long value)
    {
        ProtoWriter attribute = new();
        attribute.Text(1, name);
        attribute.Number(3, value);
        attribute.Number(20, 2);
        return attribute;
    }

    static ProtoWriter Ints(string name, params long[] values)
    {
        ProtoWriter attribute = new();
        attribute.Text(1, name);
        foreach (long value in values)
        {
            attribute.Number(8, value);
        }
        attribute.Number(20, 7);
        return attribute;
    }

    static ProtoWriter Initializer(string name, long[] shape, float[] values)
    {
        ProtoWriter tensor = new();
        foreach (long dimension in shape)
        {
            tensor.Number(1, dimension);
        }
        tensor.Number(2, 1);
        tensor.Text(8, name);
        tensor.Bytes(9, MemoryMarshal.AsBytes(values.AsSpan()));
        return tensor;
    }

    static ProtoWriter Value(string name, string batch, params long[] shape)
    {
        ProtoWriter dimensions = new();
        ProtoWriter free = new();
        free.Text(2, batch);
        dimensions.Message(1, free);
        foreach (long size in shape)
        {
            ProtoWriter dimension = new();
            dimension.Number(1, size);
            dimensions.Message(1, dimension);
        }
        ProtoWriter tensor = new(), type = new(), value = new();
        tensor.Number(1, 1);
        tensor.Message(2, dimensions);
        type.Message(1, tensor);
        value.Text(1, name);
        value.Message(2, type);
        return value;
    }
}
