using System.Buffers;
using System.Text.Json;
using Funion.Inference;

namespace Funion.Oip;

/// <summary>
/// The answer to an inference request:
/// <code>
/// {"model_name":"…","model_version":"1","id":"…",
///  "outputs":[{"name":"…","datatype":"FP32","shape":[…],"data":[…]},
///             {"name":"…","datatype":"FP16","shape":[…],"parameters":{"binary_data_size":n}}]}
/// ‖ n bytes of each binary output, in the order of the outputs
/// </code>
/// </summary>
/// <param name="Body">JSON, then binary outputs.</param>
/// <param name="JsonLength">Bytes of JSON when binary outputs follow, otherwise null.</param>
sealed record OipResponse(ReadOnlyMemory<byte> Body, int? JsonLength)
{
    /// <summary>The one version that every model has.</summary>
    public const string ModelVersion = "1";

    /// <summary>Writes the outputs that were asked for; null with one sentence when one is missing or has no JSON form.</summary>
    public static OipResponse? TryWrite(string model, OipRequest request, IReadOnlyList<Tensor> tensors, out string error)
    {
        IReadOnlyList<OipOutput> outputs = request.Outputs
            ?? [.. tensors.Select(tensor => new OipOutput(tensor.Name, request.BinaryOutputs))];
        ArrayBufferWriter<byte> body = new();
        List<ReadOnlyMemory<byte>> blobs = [];
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("model_name", model);
            json.WriteString("model_version", ModelVersion);
            if (request.Id is not null)
            {
                json.WriteString("id", request.Id);
            }
            json.WriteStartArray("outputs");
            foreach (OipOutput output in outputs)
            {
                if (tensors.FirstOrDefault(tensor => tensor.Name == output.Name) is not { } tensor)
                {
                    error = $"The model gave no output '{output.Name}'.";
                    return null;
                }
                if (output.Binary)
                {
                    blobs.Add(tensor.Data);
                }
                if (!TryWrite(json, tensor, output.Binary))
                {
                    error = $"Output '{output.Name}' has no form in JSON: ask for binary data.";
                    return null;
                }
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        int length = body.WrittenCount;
        foreach (ReadOnlyMemory<byte> blob in blobs)
        {
            body.Write(blob.Span);
        }
        error = "";
        return new OipResponse(body.WrittenMemory, blobs.Count > 0 ? length : null);
    }

    static bool TryWrite(Utf8JsonWriter json, Tensor tensor, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("datatype", tensor.Datatype.Name());
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape)
        {
            json.WriteNumberValue(dimension);
        }
        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters");
            json.WriteNumber("binary_data_size", tensor.Data.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName("data");
            if (!OipElements.TryWrite(json, tensor.Datatype, tensor.Data.Span))
            {
                return false;
            }
        }
        json.WriteEndObject();
        return true;
    }
}
