using System.Text;
using System.Text.Json;
using Funion.Inference;
using Funion.Network;

namespace Funion.Oip;

/// <summary>Reads the JSON of one request and takes its binary tensors from what follows it.</summary>
/// <param name="blobs">The bytes after the JSON.</param>
sealed class OipRequestReader(ReadOnlyMemory<byte> blobs)
{
    ReadOnlyMemory<byte> _blobs = blobs;
    long _bytes;

    /// <summary>Why there is no request, in one sentence; empty when there is one.</summary>
    public string Error { get; private set; } = "";

    public OipRequest? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Fail<OipRequest>("The request is not a JSON object.");
        }
        if (!TryText(root, "id", out string? id) || id?.Length > OipRequest.MaxId)
        {
            return Fail<OipRequest>($"'id' is not a string of at most {OipRequest.MaxId} characters.");
        }
        if (!TryParameters(root, out JsonElement parameters) || !TryFlag(parameters, "binary_data_output", out bool? binary))
        {
            return Fail<OipRequest>("'parameters' of the request are malformed.");
        }
        TimeSpan duration = default;
        if (!TryText(parameters, "bucket", out string? bucket)
            || (bucket is not null && !Quantity.TryParseDuration(bucket, out duration)))
        {
            return Fail<OipRequest>("'bucket' is not a duration such as \"5s\".");
        }
        if (ReadInputs(root) is not { } inputs)
        {
            return null;
        }
        if (!_blobs.IsEmpty)
        {
            return Fail<OipRequest>("There are more binary data than the inputs say.");
        }
        List<OipOutput>? outputs = root.TryGetProperty("outputs", out JsonElement asked) ? ReadOutputs(asked, binary ?? false) : null;
        return Error.Length > 0 ? null : new OipRequest
        {
            Id = id,
            Inputs = inputs,
            Outputs = outputs,
            BinaryOutputs = binary ?? false,
            Bucket = bucket is null ? null : duration,
        };
    }

    List<Tensor>? ReadInputs(JsonElement root)
    {
        if (!root.TryGetProperty("inputs", out JsonElement inputs) || inputs.ValueKind != JsonValueKind.Array
            || inputs.GetArrayLength() is < 1 or > TensorCodec.MaxCount)
        {
            return Fail<List<Tensor>>($"'inputs' is not an array of 1 to {TensorCodec.MaxCount} tensors.");
        }
        List<Tensor> tensors = [];
        foreach (JsonElement input in inputs.EnumerateArray())
        {
            if (ReadInput(input) is not { } tensor)
            {
                return null;
            }
            if (tensors.Any(other => other.Name == tensor.Name))
            {
                return Fail<List<Tensor>>($"Input '{tensor.Name}' is there twice.");
            }
            tensors.Add(tensor);
        }
        return tensors;
    }

    Tensor? ReadInput(JsonElement input)
    {
        if (ReadName(input) is not { } name)
        {
            return Fail<Tensor>($"An input has no 'name' of 1 to {Tensor.MaxName} bytes.");
        }
        if (!TryText(input, "datatype", out string? type) || Datatypes.TryParse(type) is not { } datatype)
        {
            return Fail<Tensor>($"Input '{name}' has no 'datatype' that is supported.");
        }
        if (ReadShape(input) is not { } shape)
        {
            return Fail<Tensor>($"Input '{name}' has no 'shape' of at most {Tensor.MaxRank} dimensions from 0 up.");
        }
        UInt128 bytes = (UInt128)datatype.Size();
        foreach (long dimension in shape)
        {
            // Never above 2^23 · 2^31: no product overflows.
            bytes *= (UInt128)dimension;
            if (bytes + (UInt128)_bytes > OipRequest.MaxBytes)
            {
                return Fail<Tensor>($"The inputs have more than {OipRequest.MaxBytes} bytes.");
            }
        }
        _bytes += (long)bytes;
        if (!TryParameters(input, out JsonElement parameters) || Has(parameters, "shared_memory_region"))
        {
            return Fail<Tensor>($"'parameters' of input '{name}' are malformed or not supported.");
        }
        ReadOnlyMemory<byte>? data = Has(parameters, "binary_data_size")
            ? ReadBinary(input, name, datatype, parameters.GetProperty("binary_data_size"), (int)bytes)
            : ReadJson(input, name, datatype, shape, (int)bytes);
        return data is { } memory
            ? Tensor.TryCreate(name, datatype, shape, memory) ?? Fail<Tensor>($"The data of input '{name}' do not fit its shape.")
            : null;
    }

    ReadOnlyMemory<byte>? ReadBinary(JsonElement input, string name, Datatype datatype, JsonElement size, int bytes)
    {
        if (Has(input, "data"))
        {
            Error = $"Input '{name}' has both 'data' and binary data.";
        }
        else if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out int stated) || stated != bytes)
        {
            Error = $"The 'binary_data_size' of input '{name}' does not fit its shape.";
        }
        else if (bytes > _blobs.Length)
        {
            Error = $"The binary data of input '{name}' are cut short.";
        }
        else if (!OipElements.AreValid(datatype, _blobs.Span[..bytes]))
        {
            Error = $"Input '{name}' has a byte that is neither 0 nor 1.";
        }
        else
        {
            ReadOnlyMemory<byte> data = _blobs[..bytes];
            _blobs = _blobs[bytes..];
            return data;
        }
        return null;
    }

    ReadOnlyMemory<byte>? ReadJson(JsonElement input, string name, Datatype datatype, long[] shape, int bytes)
    {
        if (!input.TryGetProperty("data", out JsonElement json))
        {
            Error = $"Input '{name}' has no 'data'.";
        }
        else if (datatype == Datatype.FP16)
        {
            Error = $"Input '{name}' is FP16: send it as binary data.";
        }
        else
        {
            byte[] data = new byte[bytes];
            if (OipElements.TryRead(json, datatype, shape, data))
            {
                return data;
            }
            Error = $"The 'data' of input '{name}' do not fit its shape and datatype.";
        }
        return null;
    }

    List<OipOutput>? ReadOutputs(JsonElement json, bool binaryByDefault)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is < 1 or > TensorCodec.MaxCount)
        {
            return Fail<List<OipOutput>>($"'outputs' is not an array of 1 to {TensorCodec.MaxCount} outputs.");
        }
        List<OipOutput> outputs = [];
        foreach (JsonElement output in json.EnumerateArray())
        {
            if (ReadName(output) is not { } name)
            {
                return Fail<List<OipOutput>>($"An output has no 'name' of 1 to {Tensor.MaxName} bytes.");
            }
            // Both would change what the answer is: they cannot be passed over as other parameters are.
            if (!TryParameters(output, out JsonElement parameters) || !TryFlag(parameters, "binary_data", out bool? binary)
                || Has(parameters, "classification") || Has(parameters, "shared_memory_region"))
            {
                return Fail<List<OipOutput>>($"'parameters' of output '{name}' are malformed or not supported.");
            }
            if (outputs.Any(other => other.Name == name))
            {
                return Fail<List<OipOutput>>($"Output '{name}' is there twice.");
            }
            outputs.Add(new OipOutput(name, binary ?? binaryByDefault));
        }
        return outputs;
    }

    T? Fail<T>(string error) where T : class
    {
        Error = error;
        return null;
    }

    static long[]? ReadShape(JsonElement input)
    {
        if (!input.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array
            || shape.GetArrayLength() > Tensor.MaxRank)
        {
            return null;
        }
        List<long> dimensions = [];
        foreach (JsonElement element in shape.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int dimension) || dimension < 0)
            {
                return null;
            }
            dimensions.Add(dimension);
        }
        return [.. dimensions];
    }

    static string? ReadName(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && TryText(element, "name", out string? name)
        && name?.Length is > 0 and <= Tensor.MaxName && Encoding.UTF8.GetByteCount(name) <= Tensor.MaxName ? name : null;

    static bool Has(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out _);

    static bool TryParameters(JsonElement element, out JsonElement parameters) =>
        !element.TryGetProperty("parameters", out parameters) || parameters.ValueKind == JsonValueKind.Object;

    static bool TryText(JsonElement element, string name, out string? text)
    {
        text = null;
        if (Has(element, name) && element.GetProperty(name) is var value)
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return text is not null;
        }
        return true;
    }

    static bool TryFlag(JsonElement element, string name, out bool? flag)
    {
        flag = null;
        if (Has(element, name) && element.GetProperty(name) is var value)
        {
            flag = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
            return flag is not null;
        }
        return true;
    }
}
