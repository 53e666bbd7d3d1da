using System.Runtime.InteropServices;
using Funion.Models.Digits;
using Funion.Models.Onnx;

namespace Funion.Tests.Private;

/// <summary>Writes small ONNX files: what the reader is tried with, and ONNX Runtime beside it.</summary>
sealed class OnnxDraft
{
    readonly ProtoWriter _graph = new();
    int _names;

    /// <summary>A name that nothing else has.</summary>
    public string Fresh() => $"v{_names++}";

    public OnnxDraft Input(string name, params long[] shape)
    {
        _graph.Message(11, Value(name, shape));
        return this;
    }

    public OnnxDraft Output(string name, params long[] shape)
    {
        _graph.Message(12, Value(name, shape));
        return this;
    }

    public string Constant(long[] shape, float[] values)
    {
        string name = Fresh();
        _graph.Message(5, Tensor(name, shape, 1, MemoryMarshal.AsBytes(values.AsSpan())));
        return name;
    }

    public string Constant(params long[] values)
    {
        string name = Fresh();
        _graph.Message(5, Tensor(name, [values.Length], 7, MemoryMarshal.AsBytes(values.AsSpan())));
        return name;
    }

    /// <summary>A node; gives the name of its output.</summary>
    public string Node(string kind, string[] inputs, params ProtoWriter[] attributes)
    {
        string output = Fresh();
        NodeTo(kind, inputs, [output], "", attributes);
        return output;
    }

    public void NodeTo(string kind, string[] inputs, string[] outputs, string domain = "", params ProtoWriter[] attributes)
    {
        ProtoWriter node = new();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }
        foreach (string output in outputs)
        {
            node.Text(2, output);
        }
        node.Text(4, kind);
        foreach (ProtoWriter attribute in attributes)
        {
            node.Message(5, attribute);
        }
        if (domain.Length > 0)
        {
            node.Text(7, domain);
        }
        _graph.Message(1, node);
    }

    public static ProtoWriter Integer(string name, long value)
    {
        ProtoWriter attribute = Named(name, 2);
        attribute.Number(3, value);
        return attribute;
    }

    public static ProtoWriter Integers(string name, params long[] values)
    {
        ProtoWriter attribute = Named(name, 7);
        foreach (long value in values)
        {
            attribute.Number(8, value);
        }
        return attribute;
    }

    public static ProtoWriter Text(string name, string value)
    {
        ProtoWriter attribute = Named(name, 3);
        attribute.Text(4, value);
        return attribute;
    }

    public byte[] ToBytes(int opset = 13)
    {
        ProtoWriter version = new(), model = new();
        _graph.Text(2, "draft");
        version.Number(2, opset);
        model.Number(1, 8);
        model.Message(7, _graph);
        model.Message(8, version);
        return model.ToArray();
    }

    static ProtoWriter Named(string name, int type)
    {
        ProtoWriter attribute = new();
        attribute.Text(1, name);
        attribute.Number(20, type);
        return attribute;
    }

    static ProtoWriter Tensor(string name, long[] shape, int type, ReadOnlySpan<byte> data)
    {
        ProtoWriter tensor = new();
        foreach (long size in shape)
        {
            tensor.Number(1, size);
        }
        tensor.Number(2, type);
        tensor.Text(8, name);
        tensor.Bytes(9, data);
        return tensor;
    }

    static ProtoWriter Value(string name, long[] shape)
    {
        ProtoWriter dimensions = new(), tensor = new(), type = new(), value = new();
        foreach (long size in shape)
        {
            ProtoWriter dimension = new();
            if (size > 0)
            {
                dimension.Number(1, size);
            }
            else
            {
                dimension.Text(2, "batch");
            }
            dimensions.Message(1, dimension);
        }
        tensor.Number(1, 1);
        tensor.Message(2, dimensions);
        type.Message(1, tensor);
        value.Text(1, name);
        value.Message(2, type);
        return value;
    }
}
