using System.Runtime.InteropServices;

namespace Funion.Models.Onnx;

/// <summary>The parts of an ONNX model as messages: opset 13. References: onnx.proto of ONNX IR version 8.</summary>
static class OnnxWriter
{
    /// <summary>The file, around a graph.</summary>
    public static byte[] Model(string producer, ProtoWriter graph)
    {
        ProtoWriter opset = new(), model = new();
        opset.Number(2, 13);
        model.Number(1, 8);
        model.Text(2, producer);
        model.Message(7, graph);
        model.Message(8, opset);
        return model.ToArray();
    }

    public static ProtoWriter Node(string type, string[] inputs, string output, params ProtoWriter[] attributes)
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

    public static ProtoWriter Int(string name, long value)
    {
        ProtoWriter attribute = new();
        attribute.Text(1, name);
        attribute.Number(3, value);
        attribute.Number(20, 2);
        return attribute;
    }

    public static ProtoWriter Ints(string name, params long[] values)
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

    public static ProtoWriter Initializer(string name, long[] shape, float[] values)
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

    public static ProtoWriter Value(string name, string batch, params long[] shape)
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
