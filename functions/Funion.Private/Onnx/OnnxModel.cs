using System.Text;

namespace Funion.Private.Onnx;

/// <summary>
/// An ONNX file taken apart: nodes in their order, constants, the one input and the one output. What it means is read elsewhere.
/// <list type="bullet">
/// <item>References: onnx.proto, IR versions 3 to 10 (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto).</item>
/// <item>Limits: 4,096 nodes, 16,384 constants, 8 dimensions; memory in proportion to the file.</item>
/// </list>
/// </summary>
/// <param name="Nodes">In an order in which they can be computed.</param>
/// <param name="Constants">Initializers by name.</param>
/// <param name="Inputs">Names and shapes of the inputs that are no constants; −1 is a free dimension.</param>
/// <param name="Outputs">Names of the outputs.</param>
sealed record OnnxModel(
    IReadOnlyList<OnnxNode> Nodes, IReadOnlyDictionary<string, OnnxTensor> Constants, IReadOnlyList<(string Name, long[] Shape)> Inputs, IReadOnlyList<string> Outputs)
{
    const int MaxNodes = 4_096, MaxConstants = 16_384, MaxValues = 256, MaxRank = 8;

    /// <summary>Reads a file; null when it is none.</summary>
    public static OnnxModel? TryRead(ReadOnlySpan<byte> file)
    {
        ProtoReader reader = new(file);
        OnnxModel? model = null;
        while (reader.Next())
        {
            if (reader.Field == 7 && (model is not null || (model = ReadGraph(reader.Bytes)) is null))
            {
                return null;
            }
        }
        return reader.Failed ? null : model;
    }

    static OnnxModel? ReadGraph(ReadOnlySpan<byte> bytes)
    {
        ProtoReader reader = new(bytes);
        List<OnnxNode> nodes = [];
        Dictionary<string, OnnxTensor> constants = new(StringComparer.Ordinal);
        List<(string Name, long[] Shape)> inputs = [], outputs = [];
        while (reader.Next())
        {
            bool sound = reader.Field switch
            {
                1 => nodes.Count < MaxNodes && Add(nodes, OnnxNode.TryRead(reader.Bytes)),
                5 => constants.Count < MaxConstants && OnnxTensor.TryRead(reader.Bytes) is { } tensor && constants.TryAdd(tensor.Name, tensor),
                11 => inputs.Count < MaxConstants && Add(inputs, ReadValue(reader.Bytes)),
                12 => outputs.Count < MaxValues && Add(outputs, ReadValue(reader.Bytes)),
                _ => true,
            };
            if (!sound)
            {
                return null;
            }
        }
        return reader.Failed
            ? null
            // Before IR version 4 constants were listed among the inputs.
            : new OnnxModel(nodes, constants, [.. inputs.Where(input => !constants.ContainsKey(input.Name))], [.. outputs.Select(output => output.Name)]);
    }

    static bool Add<T>(List<T> list, T? item)
        where T : class
    {
        if (item is not null)
        {
            list.Add(item);
        }
        return item is not null;
    }

    static bool Add(List<(string Name, long[] Shape)> list, (string Name, long[] Shape)? item)
    {
        if (item is { } value)
        {
            list.Add(value);
        }
        return item is not null;
    }

    /// <summary>ValueInfoProto → TypeProto → Tensor → TensorShapeProto → Dimension.</summary>
    static (string Name, long[] Shape)? ReadValue(ReadOnlySpan<byte> bytes)
    {
        ProtoReader value = new(bytes);
        string name = "";
        List<long> shape = [];
        bool sound = true;
        while (value.Next())
        {
            if (value.Field == 1)
            {
                name = Encoding.UTF8.GetString(value.Bytes);
            }
            else if (value.Field == 2)
            {
                ProtoReader type = new(value.Bytes);
                while (type.Next())
                {
                    sound &= type.Field != 1 || ReadShape(type.Bytes, shape);
                }
                sound &= !type.Failed;
            }
        }
        return value.Failed || !sound || name.Length == 0 ? null : (name, [.. shape]);
    }

    static bool ReadShape(ReadOnlySpan<byte> tensorType, List<long> shape)
    {
        ProtoReader tensor = new(tensorType);
        while (tensor.Next())
        {
            if (tensor.Field != 2)
            {
                continue;
            }
            ProtoReader dimensions = new(tensor.Bytes);
            while (dimensions.Next())
            {
                if (dimensions.Field != 1)
                {
                    continue;
                }
                ProtoReader dimension = new(dimensions.Bytes);
                long size = -1;
                while (dimension.Next())
                {
                    size = dimension.Field == 1 ? dimension.Signed : size;
                }
                shape.Add(size <= 0 ? -1 : size);
                if (dimension.Failed || shape.Count > MaxRank)
                {
                    return false;
                }
            }
            if (dimensions.Failed)
            {
                return false;
            }
        }
        return !tensor.Failed;
    }
}
