using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Private.Enclaves;

namespace Funion.Private.Attestation;

/// <summary>
/// An identity with evidence for it, as a file that anybody can verify later and offline: one abstraction over the kinds of evidence.
/// <code>
/// {"format":"funion-attestation-v1","kind":"azure-sev-snp","identity":"base64","evidence":"base64"}          kinds: azure-sev-snp (a token), simulated
/// </code>
/// </summary>
/// <param name="Kind">Of the evidence.</param>
/// <param name="Identity">What it is about.</param>
/// <param name="Evidence">Of its kind.</param>
public sealed record AttestationFile(string Kind, EnclaveIdentity Identity, byte[] Evidence)
{
    /// <summary>The simulator's, which proves nothing.</summary>
    public const string Simulated = "simulated";

    /// <summary>A token of Microsoft Azure Attestation over an AMD SEV-SNP report.</summary>
    public const string Azure = "azure-sev-snp";

    const string Format = "funion-attestation-v1";

    /// <summary>Longest file.</summary>
    const int MaxSize = 1 << 20;

    /// <summary>The file.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["format"] = Format, ["kind"] = Kind, ["identity"] = Convert.ToBase64String(Identity.ToBytes()), ["evidence"] = Convert.ToBase64String(Evidence),
    }.ToJsonString());

    /// <summary>Reads a file; null when it is none.</summary>
    public static AttestationFile? TryParse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxSize)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), JsonRules.Document);
            JsonElement root = document.RootElement;
            return JsonRules.Text(root, "format") == Format && JsonRules.Text(root, "kind") is { } kind and (Simulated or Azure) && Bytes(root, "identity") is { } identity
                && EnclaveIdentity.TryRead(identity) is { } read && Bytes(root, "evidence") is { } evidence
                ? new AttestationFile(kind, read, evidence)
                : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Verifies the evidence for the identity.</summary>
    /// <param name="trust">What is believed; null refuses all but the simulator's.</param>
    /// <param name="nonce">That the evidence must be made for.</param>
    /// <param name="allowSimulator">Whether evidence that proves nothing is taken.</param>
    /// <param name="now">The time.</param>
    public AttestationOutcome Verify(AttestationTrust? trust, Bytes32? nonce, bool allowSimulator, DateTimeOffset now)
    {
        AttestationOutcome outcome = Kind == Simulated
            ? SimulatedEvidence.TryRead(Evidence) is not { } simulated ? AttestationOutcome.Malformed
                : !allowSimulator ? AttestationOutcome.Simulated
                : simulated == Identity ? AttestationOutcome.Ok : AttestationOutcome.WrongBinding
            : trust is null ? AttestationOutcome.UnknownKey : AzureEvidence.Verify(Evidence, Identity, trust, now);
        return outcome == AttestationOutcome.Ok && nonce is { } expected && expected != Identity.Nonce ? AttestationOutcome.WrongNonce : outcome;
    }

    static byte[]? Bytes(JsonElement root, string name)
    {
        if (JsonRules.Text(root, name) is not { } text)
        {
            return null;
        }
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int written) ? bytes[..written] : null;
    }
}
