using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Private.Enclaves;

namespace Funion.Private.Attestation;

/// <summary>
/// What a provider's enclave offers the owner of a model: a key that was drawn for a policy, and evidence for both.
/// <code>
/// {"format":"funion-enclave-offer-v1","attestation":base64 of an <see cref="AttestationFile"/>,"public_key":base64}
/// </code>
/// </summary>
/// <param name="Attestation">Identity, evidence, policy.</param>
/// <param name="PublicKey">Under which weights are encrypted; empty in the open variant.</param>
public sealed record OfferFile(AttestationFile Attestation, byte[] PublicKey)
{
    const string Format = "funion-enclave-offer-v1";

    const int MaxSize = 1 << 21;

    /// <summary>The file.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["format"] = Format, ["attestation"] = Convert.ToBase64String(Attestation.ToJson()), ["public_key"] = Convert.ToBase64String(PublicKey),
    }.ToJsonString());

    /// <summary>Reads a file; null when it is none, has no policy, or its key is not the one that the identity names. The evidence is verified by the caller.</summary>
    public static OfferFile? TryParse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxSize)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), JsonRules.Document);
            JsonElement root = document.RootElement;
            return JsonRules.Text(root, "format") == Format && JsonRules.Base64(root, "attestation") is { } file && AttestationFile.TryParse(file) is { Policy: not null } attestation
                && JsonRules.Base64(root, "public_key") is { } key && EnclaveIdentity.KeyDigest(key) == attestation.Identity.ModelKey
                ? new OfferFile(attestation, key)
                : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
