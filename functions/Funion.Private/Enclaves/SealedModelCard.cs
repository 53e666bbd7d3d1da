using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Private.Enclaves;

/// <summary>
/// What a provider and the network learn of a hidden model, and what only its enclave opens.
/// <code>
/// {"name","model":hex,"policy":base64,"weights":hex,"architecture":base64,"provision":base64,
///  "inputs":[{"name","datatype","shape":[…]}],"outputs":[…],"labels":[…]}
/// </code>
/// </summary>
/// <param name="Name">As it is asked for: lower-case letters, digits, '-' and '_', 64 at most.</param>
/// <param name="Model">As the enclave calls it.</param>
/// <param name="Policy">Of the model; its digest is part of that name.</param>
/// <param name="Weights">SHA-256 of all ciphertexts of weights.</param>
/// <param name="Architecture"><see cref="ArchitectureFormat"/>.</param>
/// <param name="Provision">Sealed to the enclave.</param>
/// <param name="Inputs">One, of FP32.</param>
/// <param name="Outputs">One, of FP32.</param>
/// <param name="Labels">Of the outputs; none when empty.</param>
public sealed record SealedModelCard(
    string Name, Bytes32 Model, EnclavePolicy Policy, Bytes32 Weights, byte[] Architecture, byte[] Provision, IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs,
    IReadOnlyList<string> Labels)
{
    const int MaxName = 64, MaxLabels = 4_096, MaxDimensions = 8;

    /// <summary>Whether something can be a model's name here; it becomes a file's name, too.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxName } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    /// <summary>The bytes.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["name"] = Name, ["model"] = Model.ToString(), ["policy"] = Convert.ToBase64String(Policy.ToBytes()), ["weights"] = Weights.ToString(),
        ["architecture"] = Convert.ToBase64String(Architecture), ["provision"] = Convert.ToBase64String(Provision), ["inputs"] = ToJson(Inputs), ["outputs"] = ToJson(Outputs),
        ["labels"] = new JsonArray([.. Labels.Select(label => JsonValue.Create(label))]),
    }.ToJsonString());

    /// <summary>Reads a card; null when it is none or contradicts itself.</summary>
    public static SealedModelCard? TryParse(ReadOnlySpan<byte> json)
    {
        if (json.Length > SealedModelFile.MaxCard)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), JsonRules.Document);
            JsonElement root = document.RootElement;
            return JsonRules.Text(root, "name") is { } name && IsName(name) && JsonRules.Hash(root, "model") is { } model && JsonRules.Hash(root, "weights") is { } weights
                && JsonRules.Base64(root, "policy") is { } policyBytes && EnclavePolicy.TryRead(policyBytes) is { IsHidden: true } policy
                && JsonRules.Base64(root, "architecture") is { } architecture && JsonRules.Base64(root, "provision") is { } provision
                && ArchitectureReader.TryRead(architecture, out IntegerNetwork? network) == ArchitectureOutcome.Ok && network!.Modulus.Bits == policy.Bits
                && Specs(root, "inputs", network.Input.Count) is { } inputs && Specs(root, "outputs", network.Output.Count) is { } outputs && ReadLabels(root) is { } labels
                ? new SealedModelCard(name, model, policy, weights, architecture, provision, inputs, outputs, labels)
                : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The model as the cloud has it, waiting for its weights; null when it cannot be laid out.</summary>
    public CloudModel? TryMakeCloud()
    {
        try
        {
            return ArchitectureReader.TryRead(Architecture, out IntegerNetwork? network) == ArchitectureOutcome.Ok ? new CloudModel(Model, network!, isHidden: true) : null;
        }
        catch (ArgumentException)
        {
            // Too much noise, or too large: layouts say so when they are made.
            return null;
        }
    }

    static JsonArray ToJson(IReadOnlyList<TensorSpec> specs) => new([.. specs.Select(spec => new JsonObject
    {
        ["name"] = spec.Name, ["datatype"] = spec.Datatype, ["shape"] = new JsonArray([.. spec.Shape.Select(dimension => JsonValue.Create(dimension))]),
    })]);

    /// <summary>One tensor of FP32 with so many elements, free dimensions taken as one.</summary>
    static TensorSpec[]? Specs(JsonElement root, string name, int elements)
    {
        if (!root.TryGetProperty(name, out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 1
            || JsonRules.Text(list[0], "name") is not { Length: > 0 and <= 256 } tensor || JsonRules.Text(list[0], "datatype") != "FP32"
            || !list[0].TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array || shape.GetArrayLength() > MaxDimensions)
        {
            return null;
        }
        List<long> dimensions = [];
        long count = 1;
        foreach (JsonElement dimension in shape.EnumerateArray())
        {
            if (dimension.ValueKind != JsonValueKind.Number || !dimension.TryGetInt64(out long value) || value is not (-1 or (>= 1 and <= 1 << 24)) || (count *= Math.Max(1, value)) > 1 << 24)
            {
                return null;
            }
            dimensions.Add(value);
        }
        return count == elements ? [new TensorSpec(tensor, "FP32", [.. dimensions])] : null;
    }

    static string[]? ReadLabels(JsonElement root)
    {
        if (!root.TryGetProperty("labels", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxLabels)
        {
            return null;
        }
        string?[] labels = [.. list.EnumerateArray().Select(label => label.ValueKind == JsonValueKind.String ? label.GetString() : null)];
        return labels.All(label => label is { Length: > 0 and <= 256 }) ? [.. labels.Select(label => label!)] : null;
    }
}
