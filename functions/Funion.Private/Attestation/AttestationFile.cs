using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Private.Enclaves;

namespace Funion.Private.Attestation;

/// <summary>
/// An identity with evidence for it, as a file that anybody can verify later and offline: one abstraction over the kinds of evidence.
/// <code>
/// {"format":"funion-attestation-v1","kind":"azure-sev-snp","identity":"base64","evidence":"base64","policy":"base64"}          kinds: azure-sev-snp (a token), simulated
/// </code>
/// </summary>
/// <param name="Kind">Of the evidence.</param>
/// <param name="Identity">What it is about.</param>
/// <param name="Evidence">Of its kind.</param>
/// <param name="Policy">Of the model, whose digest the identity has; not there where the evidence is of no model.</param>
public sealed record AttestationFile(string Kind, EnclaveIdentity Identity, byte[] Evidence, EnclavePolicy? Policy = null)
{
    /// <summary>The simulator's, which proves nothing.</summary>
    public const string Simulated = "simulated";

    /// <summary>A token of Microsoft Azure Attestation over an AMD SEV-SNP report.</summary>
    public const string Azure = "azure-sev-snp";

    const string Format = "funion-attestation-v1";

    /// <summary>Longest file.</summary>
    const int MaxSize = 1 << 20;

    /// <summary>The file.</summary>
    public byte[] ToJson()
    {
        JsonObject file = new()
        {
            ["format"] = Format, ["kind"] = Kind, ["identity"] = Convert.ToBase64String(Identity.ToBytes()), ["evidence"] = Convert.ToBase64String(Evidence),
        };
        if (Policy is not null)
        {
            file["policy"] = Convert.ToBase64String(Policy.ToBytes());
        }
        return Encoding.UTF8.GetBytes(file.ToJsonString());
    }

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
            EnclavePolicy? policy = JsonRules.Base64(root, "policy") is { } says ? EnclavePolicy.TryRead(says) : null;
            return (policy is null) == !root.TryGetProperty("policy", out _) && JsonRules.Text(root, "format") == Format && JsonRules.Text(root, "kind") is { } kind and (Simulated or Azure) && JsonRules.Base64(root, "identity") is { } identity
                && EnclaveIdentity.TryRead(identity) is { } read && JsonRules.Base64(root, "evidence") is { } evidence
                ? new AttestationFile(kind, read, evidence, policy)
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
        outcome = outcome == AttestationOutcome.Ok && Policy is { } policy && policy.Digest() != Identity.Policy ? AttestationOutcome.WrongBinding : outcome;
        return outcome == AttestationOutcome.Ok && nonce is { } expected && expected != Identity.Nonce ? AttestationOutcome.WrongNonce : outcome;
    }
}
