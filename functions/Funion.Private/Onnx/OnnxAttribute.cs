using System.Text;

namespace Funion.Private.Onnx;

/// <summary>An attribute of a node; only the fields that its type asks for are set.</summary>
sealed record OnnxAttribute(string Name, float Float, long Integer, string Text, long[] Integers, OnnxTensor? Tensor)
{
    const int MaxIntegers = 64;

    /// <summary>Reads onnx.proto's AttributeProto; null when it is none.</summary>
    public static OnnxAttribute? TryRead(ReadOnlySpan<byte> bytes)
    {
        ProtoReader reader = new(bytes);
        string name = "", text = "";
        float real = 0;
        long integer = 0;
        List<long> integers = [];
        OnnxTensor? tensor = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    name = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 2:
                    real = reader.Single;
                    break;
                case 3:
                    integer = reader.Signed;
                    break;
                case 4:
                    text = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 5:
                    tensor = OnnxTensor.TryRead(reader.Bytes);
                    if (tensor is null)
                    {
                        return null;
                    }
                    break;
                case 8:
                    reader.AddNumbers(integers, MaxIntegers);
                    break;
            }
        }
        return reader.Failed ? null : new OnnxAttribute(name, real, integer, text, [.. integers], tensor);
    }
}
