using System.Text.Json.Nodes;
using Funion.Inference;
using Funion.Network;

namespace Funion.Oip;

/// <summary>What the network document says of models, in the protocol's words; and whether a request fits it.</summary>
public static class ModelMetadata
{
    /// <summary>The protocol's metadata of a model.</summary>
    public static JsonObject Write(ModelEntry model) => new()
    {
        ["name"] = model.Name,
        ["versions"] = new JsonArray(OipResponse.ModelVersion),
        ["platform"] = "onnxruntime_onnx",
        ["inputs"] = Write(model.Inputs),
        ["outputs"] = Write(model.Outputs),
    };

    /// <summary>
    /// The tensors in the graph's order, so that not even the order of the caller's JSON goes further; null with one sentence when
    /// the model does not take them or does not give what is asked for.
    /// </summary>
    public static IReadOnlyList<Tensor>? Order(ModelEntry model, OipRequest request, out string error)
    {
        IReadOnlyList<Tensor>? tensors = Take(model, request.Inputs, out error);
        return tensors is not null && AsksForWhatIsGiven(model, request, out error) ? tensors : null;
    }

    /// <summary>The tensors in the graph's order; null with one sentence when the model does not take them.</summary>
    public static IReadOnlyList<Tensor>? Take(ModelEntry model, IReadOnlyList<Tensor> inputs, out string error)
    {
        List<Tensor> tensors = [];
        foreach (TensorSpec spec in model.Inputs)
        {
            if (inputs.FirstOrDefault(tensor => tensor.Name == spec.Name) is not { } tensor)
            {
                error = $"Input '{spec.Name}' is missing.";
                return null;
            }
            if (tensor.Datatype.Name() != spec.Datatype || !Fits(tensor.Shape, spec.Shape))
            {
                error = $"Input '{spec.Name}' is {spec.Datatype} of shape [{string.Join(',', spec.Shape)}].";
                return null;
            }
            tensors.Add(tensor);
        }
        if (inputs.Count > tensors.Count)
        {
            error = $"The model takes no more inputs than {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}.";
            return null;
        }
        error = "";
        return tensors;
    }

    // Found out before the job is sent: afterwards it would cost a bucket.
    static bool AsksForWhatIsGiven(ModelEntry model, OipRequest request, out string error)
    {
        foreach (OipOutput output in request.Outputs ?? [.. model.Outputs.Select(spec => new OipOutput(spec.Name, request.BinaryOutputs))])
        {
            if (model.Outputs.FirstOrDefault(spec => spec.Name == output.Name) is not { } spec)
            {
                error = $"The model has no output '{output.Name}'.";
                return false;
            }
            if (!output.Binary && spec.Datatype == Datatype.FP16.Name())
            {
                error = $"Output '{output.Name}' is FP16: ask for binary data.";
                return false;
            }
        }
        error = "";
        return true;
    }

    static bool Fits(IReadOnlyList<long> shape, IReadOnlyList<long> spec) =>
        shape.Count == spec.Count && shape.Zip(spec).All(pair => pair.Second < 0 || pair.First == pair.Second);

    static JsonArray Write(IReadOnlyList<TensorSpec> specs) => new([.. specs.Select(spec => new JsonObject
    {
        ["name"] = spec.Name,
        ["datatype"] = spec.Datatype,
        ["shape"] = new JsonArray([.. spec.Shape.Select(dimension => JsonValue.Create(dimension))]),
    })]);
}
