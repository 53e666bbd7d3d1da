using System.Text;

namespace Funion.Private.Onnx;

/// <summary>One operator of a graph.</summary>
sealed record OnnxNode(string Operator, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, OnnxAttribute> Attributes)
{
    const int MaxNames = 256;

    /// <summary>The operator as an error names it.</summary>
    public string Label => Domain is "" or "ai.onnx" ? Operator : $"{Domain}.{Operator}";

    /// <summary>Reads onnx.proto's NodeProto; null when it is none.</summary>
    public static OnnxNode? TryRead(ReadOnlySpan<byte> bytes)
    {
        ProtoReader reader = new(bytes);
        List<string> inputs = [], outputs = [];
        Dictionary<string, OnnxAttribute> attributes = new(StringComparer.Ordinal);
        string kind = "", domain = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 or 2:
                    List<string> names = reader.Field == 1 ? inputs : outputs;
                    names.Add(Encoding.UTF8.GetString(reader.Bytes));
                    if (names.Count > MaxNames)
                    {
                        return null;
                    }
                    break;
                case 4:
                    kind = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 5:
                    if (OnnxAttribute.TryRead(reader.Bytes) is not { } attribute || attributes.Count > MaxNames || !attributes.TryAdd(attribute.Name, attribute))
                    {
                        return null;
                    }
                    break;
                case 7:
                    domain = Encoding.UTF8.GetString(reader.Bytes);
                    break;
            }
        }
        return reader.Failed || outputs.Count == 0 || kind.Length == 0 ? null : new OnnxNode(kind, domain, inputs, outputs, attributes);
    }

    /// <summary>A whole number, or its default.</summary>
    public long Integer(string name, long otherwise) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integer : otherwise;

    /// <summary>A float, or its default.</summary>
    public float Float(string name, float otherwise) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Float : otherwise;

    /// <summary>Whole numbers; none for no such attribute.</summary>
    public long[] Integers(string name) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integers : [];

    /// <summary>The name of an input; null when it is left out.</summary>
    public string? Input(int index) => index < Inputs.Count && Inputs[index].Length > 0 ? Inputs[index] : null;
}
