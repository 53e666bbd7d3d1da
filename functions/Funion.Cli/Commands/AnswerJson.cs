using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary>An answer as <c>infer --json</c> prints it.</summary>
static class AnswerJson
{
    public static JsonObject Of(ModelEntry model, IReadOnlyList<Tensor> outputs)
    {
        JsonObject result = new()
        {
            ["model"] = model.Name,
            ["outputs"] = new JsonArray([.. outputs.Select(tensor => new JsonObject
            {
                ["name"] = tensor.Name, ["datatype"] = tensor.Datatype.Name(),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(dimension => JsonValue.Create(dimension))]), ["data"] = Values(tensor),
            })]),
        };
        if (Label(model, outputs) is { } label)
        {
            result["label"] = label;
        }
        return result;
    }

    public static string Shape(Tensor tensor) => $"[{string.Join(',', tensor.Shape)}]";

    /// <summary>The class with the highest score, where the model names its classes.</summary>
    public static string? Label(ModelEntry model, IReadOnlyList<Tensor> outputs)
    {
        if (model.Labels is not { Count: > 0 } labels || outputs is not [{ Datatype: Datatype.FP32 } scores, ..])
        {
            return null;
        }
        float[] values = scores.ToFloats();
        int best = Array.IndexOf(values, values.Max());
        return values.Length == labels.Count ? labels[best] : null;
    }

    public static JsonArray Values(Tensor tensor) => tensor.Datatype switch
    {
        Datatype.FP32 => Numbers<float>(tensor),
        Datatype.FP64 => Numbers<double>(tensor),
        Datatype.Int64 => Numbers<long>(tensor),
        Datatype.UInt64 => Numbers<ulong>(tensor),
        Datatype.Int32 => Numbers<int>(tensor),
        Datatype.UInt32 => Numbers<uint>(tensor),
        Datatype.Int16 => Numbers<short>(tensor),
        Datatype.UInt16 => Numbers<ushort>(tensor),
        Datatype.Int8 => Numbers<sbyte>(tensor),
        Datatype.UInt8 => Numbers<byte>(tensor),
        Datatype.Bool => new JsonArray([.. tensor.Data.ToArray().Select(value => JsonValue.Create(value != 0))]),
        _ => new JsonArray([.. MemoryMarshal.Cast<byte, Half>(tensor.Data.Span).ToArray().Select(value => JsonValue.Create((float)value))]),
    };

    static JsonArray Numbers<T>(Tensor tensor)
        where T : unmanaged => new([.. MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray().Select(value => JsonValue.Create(value))]);
}
