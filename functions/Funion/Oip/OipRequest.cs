using System.Text.Json;
using Funion.Inference;
using Funion.Network;

namespace Funion.Oip;

/// <summary>
/// An inference request of the Open Inference Protocol v2 with its binary tensor data extension:
/// <code>
/// {"id":"…", "parameters":{"bucket":"5s","binary_data_output":true},
///  "inputs":[{"name":"…","shape":[…],"datatype":"FP32","data":[…]},
///            {"name":"…","shape":[…],"datatype":"FP16","parameters":{"binary_data_size":n}}],
///  "outputs":[{"name":"…","parameters":{"binary_data":true}}]}
/// ‖ n bytes of each binary input, in the order of the inputs
/// </code>
/// The header Inference-Header-Content-Length says where the JSON ends; without it all is JSON.
/// </summary>
public sealed record OipRequest
{
    /// <summary>Most bytes of a request, and of its tensors once they are binary.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>Longest id in characters.</summary>
    public const int MaxId = 256;

    // The request, its inputs, one input, and data as deep as the rank; the rest is for parameters that are not read.
    const int MaxDepth = 3 + Tensor.MaxRank + 4;

    /// <summary>Echoed to the caller and sent nowhere else; null when there is none.</summary>
    public string? Id { get; init; }

    /// <summary>1 to 16 tensors with different names.</summary>
    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>Which outputs, in this order; null for all of them.</summary>
    public IReadOnlyList<OipOutput>? Outputs { get; init; }

    /// <summary>Whether outputs that were not asked for one by one go behind the JSON.</summary>
    public bool BinaryOutputs { get; init; }

    /// <summary>The latency bucket, or null for the caller's default.</summary>
    public TimeSpan? Bucket { get; init; }

    /// <summary>Reads a request that is JSON alone; null with one sentence for anything else.</summary>
    public static OipRequest? TryParse(ReadOnlyMemory<byte> json, out string error) => TryParse(json, null, out error);

    /// <summary>Reads a request; null with one sentence for anything else.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="jsonLength">Bytes of JSON before the binary tensors, or null when there are none.</param>
    /// <param name="error">Empty when the request was read.</param>
    public static OipRequest? TryParse(ReadOnlyMemory<byte> body, int? jsonLength, out string error)
    {
        if (body.Length > MaxBytes)
        {
            error = $"A request has at most {MaxBytes} bytes.";
            return null;
        }
        int length = jsonLength ?? body.Length;
        if (length < 0 || length > body.Length)
        {
            error = "The JSON is shorter than its stated length.";
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                body[..length], new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            OipRequestReader reader = new(body[length..]);
            OipRequest? request = reader.Read(document.RootElement);
            error = reader.Error;
            return request;
        }
        // The second is how the parser says that an escaped string is no Unicode.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            error = $"The request is not JSON of at most {MaxDepth} levels without repeated names.";
            return null;
        }
    }

    /// <summary>
    /// Reads a body that is one tensor and no JSON (a stated JSON length of 0), for a model whose only input has at most one free
    /// dimension. Its outputs go back as binary.
    /// </summary>
    public static OipRequest? TryParseRaw(ModelEntry model, ReadOnlyMemory<byte> body, out string error)
    {
        error = "A request without JSON is one tensor for a model with one input and at most one free dimension.";
        if (body.Length > MaxBytes || model.Inputs is not [TensorSpec spec] || spec.Shape.Count(dimension => dimension < 0) > 1
            || Datatypes.TryParse(spec.Datatype) is not { } datatype)
        {
            return null;
        }
        UInt128 stride = (UInt128)datatype.Size();
        foreach (long dimension in spec.Shape.Where(dimension => dimension >= 0))
        {
            stride *= (UInt128)dimension;
            if (stride == 0 || stride > MaxBytes)
            {
                return null;
            }
        }
        long free = body.Length / (long)stride;
        long[] shape = [.. spec.Shape.Select(dimension => dimension < 0 ? free : dimension)];
        if (!OipElements.AreValid(datatype, body.Span) || Tensor.TryCreate(spec.Name, datatype, shape, body) is not { } tensor)
        {
            return null;
        }
        error = "";
        return new OipRequest { Inputs = [tensor], BinaryOutputs = true };
    }
}
